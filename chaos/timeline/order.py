"""Are the events of a journal and the samples of a series in the order in which they happened?

Needed for recordings without line numbers, and for metrics.json, which has none in any version.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from chaos.timeline.events import Event
from chaos.timeline.recording import Series

# Real seconds. Some events are written a little after the instant that they hold: the end of a fault that a
# procedure answers came up to 0.15 s after its successor in real runs.
LARGEST_FALL = 1.0


def order_of_events(events: Sequence[Event]) -> tuple[str, ...]:
    """What is wrong with the order, in words; empty: nothing. The monotonic clock never goes back."""
    falls = [one.mono - other.mono for one, other in pairwise(events)]
    deep = [fall for fall in falls if fall > LARGEST_FALL]
    if not deep:
        return ()
    places = "one place" if len(deep) == 1 else f"{len(deep)} places"
    return (
        f"its lines are out of order: the monotonic clock goes back by up to {max(deep):.1f} s at {places}",
    )


def order_of_samples(series: Iterable[Series]) -> tuple[str, ...]:
    """The metrics with a series whose samples are out of order, in words; empty: none."""
    wrong = sorted({one.metric for one in series if any(a[0] > b[0] for a, b in pairwise(one.samples))})
    return (f"samples are out of order: {', '.join(wrong)}",) if wrong else ()
