"""How a change of the wall clock affects an alert: its ``for`` and its ranges use that clock."""

from __future__ import annotations

from chaos.checks.kit.words import span
from chaos.model.asked import Doubt
from chaos.timeline.recording import Recording


def clock_doubt(
    recording: Recording, start: float, end: float, taken: float | None, limit: float
) -> Doubt | None:
    """Why the time that an alert took is not reliable; None: it is reliable.

    Prometheus delays an alert by the wall clock. If that was set forward in ``[start, end]`` (run axis), the
    alert may fire that much too early; if it was set back, that much too late, or never. ``taken``: real
    seconds; None: it never fired.
    """
    steps = [one for one in recording.clock.steps if one.before > start and one.after < end]
    forward = sum(one.seconds for one in steps if one.seconds > 0)
    back = -sum(one.seconds for one in steps if one.seconds < 0)
    in_time = taken is not None and taken <= limit
    if in_time and taken is not None and taken + forward > limit:
        return Doubt(f"fired {span(taken)} after the injection, but {steps[0].text()} before that")
    late = taken is None or taken - back <= limit
    if not in_time and back and late:
        return Doubt(f"did not fire in time, but {steps[0].text()} meanwhile")
    return None
