"""Computes before a run for how long a fault can be judged, and how many answers come in that time.

All lengths are real seconds. A window begins when the witness has seen the effect and the system has had time
to react. It ends with the last measurement that saw the effect, some time before the undo.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from chaos.model.rhythm import HOLDING_EVERY

FEWEST_ANSWERS = 10
"""With fewer answers a share or a percentile says nothing."""

_STEPS = ((60.0, 5.0), (600.0, 30.0), (float("inf"), 60.0))  # up to this length round up to multiples of that


@dataclass(frozen=True)
class JudgedWindow:
    """The time for which answers to clients can be judged under one fault.

    ``hold``: how long the fault stays. ``measured_in``: how long one measurement of the effect takes, such as
    a client's time-out if the fault makes requests hang. ``settles_in``: how long answers may still differ
    after that.
    """

    hold: float
    measured_in: float
    settles_in: float

    @property
    def lost(self) -> float:
        """The seconds of the hold that may not be usable for judging.

        At the end of the hold: a measurement begins every ``HOLDING_EVERY`` while more than that is left, and
        one that would not end before the undo is cancelled.
        """
        last = max(2 * HOLDING_EVERY, HOLDING_EVERY + self.measured_in)
        return self.measured_in + self.settles_in + last

    @property
    def left(self) -> float:
        """The seconds that can be judged in any case."""
        return max(0.0, self.hold - self.lost)

    @property
    def left_at_best(self) -> float:
        """The seconds that can be judged if the last measurement comes as late as possible."""
        last = max(0.0, HOLDING_EVERY - self.measured_in)
        return max(0.0, self.hold - self.measured_in - self.settles_in - last)


@dataclass(frozen=True)
class Remedy:
    """What would give enough answers: a hold in real seconds, or a rate in requests a second; None if no rate
    would.
    """

    hold: float
    rate: float | None


def answers_in(windows: Sequence[JudgedWindow], rate: float) -> int:
    """The least number of answers in all windows together, at ``rate`` requests a second."""
    return sum(floor(window.left * rate + 1e-9) for window in windows)


def answers_at_best(windows: Sequence[JudgedWindow], rate: float) -> int:
    """The largest number of answers in all windows together; each has one more at its very beginning."""
    return sum(floor(window.left_at_best * rate + 1e-9) + 1 for window in windows if window.left_at_best > 0)


def remedy_for(windows: Sequence[JudgedWindow], rate: float) -> Remedy:
    """How long the fault with the longest window must hold, or how fast requests must come, for
    ``FEWEST_ANSWERS``. ``rate``: requests a second, above 0.

    Raises ``ValueError`` without a window.
    """
    longest = max(windows, key=lambda window: window.left)
    left = longest.left
    needed = ceil(FEWEST_ANSWERS / left) if left > 0 else None
    return Remedy(hold=longest.lost + FEWEST_ANSWERS / rate, rate=needed)


def rounded_up(seconds: float) -> float:
    """The length rounded up to what people write in a scenario: a multiple of 5 s, 30 s or a minute."""
    step = next(step for limit, step in _STEPS if seconds <= limit)
    return ceil(seconds / step - 1e-9) * step
