"""What clients saw, in buckets of time by the intended instant of each request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chaos.timeline.asked import never_answered
from chaos.timeline.questions import percentile
from chaos.timeline.recording import Unanswered
from chaos.timeline.requests import Requests

FINEST = 0.5  # seconds
MOST_BUCKETS = 600  # with more, a bucket is narrower than two pixels
_WIDTHS = (FINEST, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
ENOUGH_FOR_P95 = 5  # requests in a bucket; with fewer, its p95 is just its slowest request


@dataclass(frozen=True)
class Bucket:
    """Requests intended in ``[start, start + width)``, in seconds since the run began."""

    start: float
    requests: int
    errors: int  # not served, or never answered
    degraded: int  # served, with the stack's degraded mark
    p50: float | None  # seconds; None without requests
    p95: float | None
    latencies: tuple[float, ...] = ()  # seconds; of a request without an answer how long it waited
    unsent: int = (
        0  # this machine could not send them: they count nowhere else, because the system did not answer them
    )
    unanswered: int = 0  # of the errors


@dataclass(frozen=True)
class Buckets:
    width: float
    items: tuple[Bucket, ...]


@dataclass(frozen=True)
class ClientWindow:
    """What clients saw in a stretch of time."""

    requests: int
    errors: int
    degraded: int
    worst_p95: float | None  # over stretches with enough requests, or over all if there are too few
    worst_at: float | None  # start of that stretch
    unsent: int = 0  # requests that this machine could not send
    unanswered: int = 0  # of the errors: no answer had come when the load was stopped


def width_for(seconds: float) -> float:
    """The finest bucket width that cuts ``seconds`` into no more than MOST_BUCKETS; beyond the usual widths,
    as of a damaged recording, one that just does.
    """
    return next((width for width in _WIDTHS if seconds / width <= MOST_BUCKETS), seconds / MOST_BUCKETS)


def bucketed(requests: Requests, origin: float, waiting: Sequence[Unanswered] = ()) -> Buckets:
    """Buckets from the first intended instant to the last, empty ones too; ``origin`` is the run's zero.

    ``waiting``: the requests that had no answer when the load was stopped.
    """
    hung = tuple(never_answered(waiting))
    instants = [*requests.intended, *(one.intended for one in hung)]
    if not instants:
        return Buckets(FINEST, ())
    first, last = min(instants) - origin, max(instants) - origin
    width = width_for(last - first)
    low = int(first // width)
    groups: list[list[int]] = [[] for _ in range(int(last // width) - low + 1)]
    for row, at in enumerate(requests.intended):
        groups[int((at - origin) // width) - low].append(row)
    waits: dict[int, list[float]] = {}
    for one in hung:
        waits.setdefault(int((one.intended - origin) // width) - low, []).append(one.latency)
    found = (_bucket((low + k) * width, requests, group, waits.get(k, ())) for k, group in enumerate(groups))
    return Buckets(width, tuple(found))


def _bucket(start: float, requests: Requests, meant: Sequence[int], waits: Sequence[float]) -> Bucket:
    """``meant``: the indexes of its requests. ``waits``: how long its requests without an answer waited."""
    outcomes = Counter(map(requests.outcome.__getitem__, meant))
    ended = [(requests.outcomes[place], number) for place, number in outcomes.items()]
    sent = requests.where(lambda one: not one.unsent)
    answered = [requests.latency[row] for row in meant if sent[requests.outcome[row]]]
    latencies = [*answered, *waits]
    return Bucket(
        start=start,
        requests=len(latencies),
        errors=sum(number for one, number in ended if not one.unsent and not one.served) + len(waits),
        degraded=sum(number for one, number in ended if not one.unsent and one.served and not one.well),
        p50=percentile(latencies, 0.5),
        p95=percentile(latencies, 0.95),
        latencies=tuple(latencies),
        unsent=len(meant) - len(answered),
        unanswered=len(waits),
    )


def seen(
    requests: Requests, origin: float, start: float, end: float, waiting: Sequence[Unanswered] = ()
) -> ClientWindow | None:
    """What users saw of the requests planned in ``[start, end)``, seconds of the run; None: no request."""
    chosen = [row for row, at in enumerate(requests.intended) if start <= at - origin < end]
    within = requests.moved(
        map(requests.intended.__getitem__, chosen), map(requests.sent.__getitem__, chosen), chosen
    )
    hung = [one for one in waiting if start <= one.intended - origin < end]
    inside = bucketed(within, origin, hung).items
    touched = [bucket for bucket in inside if bucket.requests]
    if not touched:
        return None
    worst_at, worst_p95 = max(_stretches(touched), key=lambda one: one[1])
    return ClientWindow(
        requests=sum(b.requests for b in touched),
        errors=sum(b.errors for b in touched),
        degraded=sum(b.degraded for b in touched),
        worst_p95=worst_p95,
        worst_at=worst_at,
        unsent=sum(bucket.unsent for bucket in inside),
        unanswered=sum(bucket.unanswered for bucket in touched),
    )


def _stretches(touched: Sequence[Bucket]) -> Iterator[tuple[float, float]]:
    """Start and p95 of neighbouring buckets that together hold enough requests; at a low rate a single bucket
    never does. One stretch if there are fewer requests in total.
    """
    start, latencies, said = touched[0].start, list[float](), False
    for bucket in touched:
        start = start if latencies else bucket.start
        latencies += bucket.latencies
        if len(latencies) >= ENOUGH_FOR_P95:
            yield start, percentile(latencies, 0.95) or 0.0
            latencies, said = [], True
    if not said:
        yield start, percentile(latencies, 0.95) or 0.0
