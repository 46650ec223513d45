"""Are the events of a journal and the samples of a series in order of time?

Line numbers say nothing about the instants of the lines, and metrics.json has none in any version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from chaos.timeline.events import Event, FaultReverted
from chaos.timeline.recording import Series

LARGEST_FALL = 1.0  # real seconds: some events are written a little after their instant


def order_of_events(events: Sequence[Event]) -> tuple[str, ...]:
    """Events that are out of order by the monotonic clock, for people; empty if there are none.

    The end of a fault that a procedure answers is written once its effect is gone, and dated when the
    procedure ended.
    """
    written = (event for event in events if not isinstance(event, FaultReverted))
    falls = [one.mono - other.mono for one, other in pairwise(written)]
    deep = [fall for fall in falls if fall > LARGEST_FALL]
    if not deep:
        return ()
    places = "one place" if len(deep) == 1 else f"{len(deep)} places"
    return (
        f"its lines are out of order: the monotonic clock goes back by up to {max(deep):.1f} s at {places}",
    )


def order_of_samples(series: Sequence[Series]) -> tuple[str, ...]:
    """Metrics with samples that are out of order or there twice, for people; empty if there are none.

    Prometheus has at most one sample of a series at an instant, and each series once.
    """
    wrong = sorted({one.metric for one in series if any(a[0] > b[0] for a, b in pairwise(one.samples))})
    twice = {one.metric for one in series if any(a[0] == b[0] for a, b in pairwise(one.samples))}
    known = Counter((one.metric, *sorted(one.labels.items())) for one in series)
    twice.update(str(key[0]) for key, number in known.items() if number > 1)
    problems = (("samples are out of order", wrong), ("samples are there more than once", sorted(twice)))
    return tuple(f"{what}: {', '.join(metrics)}" for what, metrics in problems if metrics)
