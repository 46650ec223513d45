"""How long a fault can be judged, and how many answers come in that time: known before anything is started.

All lengths are real seconds. A window begins once the witness has seen the effect and the system has had
its time to notice. It ends with the last measurement that saw the effect, some time before the undo.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from chaos.model.rhythm import HOLDING_EVERY

FEWEST_ANSWERS = 10
"""Below it a share or a percentile of answers says nothing."""

_STEPS = ((60.0, 5.0), (600.0, 30.0), (float("inf"), 60.0))  # up to a length, a remedy is a multiple of that


@dataclass(frozen=True)
class JudgedWindow:
    """One fault as far as answers to clients can be judged by it.

    ``measured_in`` is how long the witness of this fault takes to see its effect once: a client's time-out
    where the fault hangs. ``settles_in`` is how long answers may still be others.
    """

    hold: float
    measured_in: float
    settles_in: float

    @property
    def lost(self) -> float:
        """What of the hold may be lost to judging.

        At its end: a measurement begins every ``HOLDING_EVERY`` while more than that is left, and one that
        the undo would cut off is given up.
        """
        last = max(2 * HOLDING_EVERY, HOLDING_EVERY + self.measured_in)
        return self.measured_in + self.settles_in + last

    @property
    def left(self) -> float:
        """What is left for certain."""
        return max(0.0, self.hold - self.lost)

    @property
    def left_at_best(self) -> float:
        """What is left where the last measurement comes as late as it can."""
        last = max(0.0, HOLDING_EVERY - self.measured_in)
        return max(0.0, self.hold - self.measured_in - self.settles_in - last)


@dataclass(frozen=True)
class Remedy:
    """What would leave enough answers: a hold in real seconds, and a rate where any rate helps."""

    hold: float
    rate: float | None


def answers_in(windows: Sequence[JudgedWindow], rate: float) -> int:
    """Answers that come for certain in all windows together, at ``rate`` requests a second."""
    return sum(floor(window.left * rate + 1e-9) for window in windows)


def answers_at_best(windows: Sequence[JudgedWindow], rate: float) -> int:
    """Answers that may come in all windows together; one more each, as the first may come at once."""
    return sum(floor(window.left_at_best * rate + 1e-9) + 1 for window in windows if window.left_at_best > 0)


def remedy_for(windows: Sequence[JudgedWindow], rate: float, least: int = FEWEST_ANSWERS) -> Remedy:
    """How long the fault that leaves most must hold, or how fast requests must come, for ``least`` answers.

    Raises ``ValueError`` without a window.
    """
    longest = max(windows, key=lambda window: window.left)
    left = longest.left
    return Remedy(hold=longest.lost + least / rate, rate=ceil(least / left) if left > 0 else None)


def rounded_up(seconds: float) -> float:
    """The next length that one would write in a scenario: a multiple of 5 s, 30 s or a minute."""
    step = next(step for limit, step in _STEPS if seconds <= limit)
    return ceil(seconds / step - 1e-9) * step
