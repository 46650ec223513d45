"""Are the events of a journal and the samples of a series in order of time?

Recordings without line numbers need this, and metrics.json, which has none in any version.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from chaos.timeline.events import Event
from chaos.timeline.recording import Series

# Real seconds. Some events are written a little after their instant: in real runs the end of a fault that a
# procedure answers was up to 0.15 s earlier than the line before it.
LARGEST_FALL = 1.0


def order_of_events(events: Sequence[Event]) -> tuple[str, ...]:
    """Events that are out of order by the monotonic clock, for people; empty if there are none."""
    falls = [one.mono - other.mono for one, other in pairwise(events)]
    deep = [fall for fall in falls if fall > LARGEST_FALL]
    if not deep:
        return ()
    places = "one place" if len(deep) == 1 else f"{len(deep)} places"
    return (
        f"its lines are out of order: the monotonic clock goes back by up to {max(deep):.1f} s at {places}",
    )


def order_of_samples(series: Iterable[Series]) -> tuple[str, ...]:
    """Metrics with samples out of order, for people; empty if there are none."""
    wrong = sorted({one.metric for one in series if any(a[0] > b[0] for a, b in pairwise(one.samples))})
    return (f"samples are out of order: {', '.join(wrong)}",) if wrong else ()
