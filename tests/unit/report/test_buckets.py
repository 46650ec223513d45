from __future__ import annotations

import pytest

from chaos.report.buckets import FINEST, MOST_BUCKETS, Buckets, bucketed, seen, width_for
from chaos.timeline.recording import Unanswered
from chaos.timeline.requests import Request, Requests

ORIGIN = 1000.0


def request(at: float, latency: float = 0.01, served: bool = True, degraded: str | None = None) -> Request:
    intended = ORIGIN + at
    status = 200 if served else 503
    return Request(
        intended=intended,
        sent=intended,
        latency=latency,
        name="GET /",
        status=status,
        served=served,
        degraded=degraded,
    )


def cut(requests: list[Request]) -> Buckets:
    return bucketed(Requests.of(requests), ORIGIN)


def test_a_request_counts_in_the_bucket_of_its_intended_instant_however_long_it_took() -> None:
    buckets = cut([request(10.1, latency=9.0), request(10.6)])

    assert buckets.width == FINEST
    assert [(b.start, b.requests, b.p50) for b in buckets.items] == [(10.0, 1, 9.0), (10.5, 1, 0.01)]


def test_errors_and_degraded_answers_are_counted_apart() -> None:
    (bucket,) = bucketed(
        Requests.of(
            [request(1.0), request(1.1, served=False), request(1.2, degraded="stale"), request(1.3, False)]
        ),
        ORIGIN,
    ).items

    assert (bucket.requests, bucket.errors, bucket.degraded) == (4, 1, 1)


def test_a_failed_answer_with_the_degraded_mark_is_an_error_only() -> None:
    (bucket,) = cut([request(1.0, served=False, degraded="stale")]).items

    assert (bucket.errors, bucket.degraded) == (1, 0)


def test_what_this_machine_could_not_send_is_no_error() -> None:
    unsent = request(1.2, served=False).model_copy(update={"status": 0, "error": "overload", "latency": 0.0})
    buckets = cut([request(1.0), unsent])
    (bucket,) = buckets.items
    assert (bucket.requests, bucket.errors, bucket.unsent, bucket.p50) == (1, 0, 1, 0.01)
    found = seen(Requests.of([request(1.0), unsent]), ORIGIN, 0, 5)
    assert found is not None
    assert (found.requests, found.errors, found.unsent) == (1, 0, 1)


def test_a_stretch_without_requests_is_an_empty_bucket_and_not_a_healthy_one() -> None:
    buckets = cut([request(1.0), request(2.2)])

    empty = buckets.items[1]
    assert (empty.start, empty.requests, empty.p50, empty.p95) == (1.5, 0, None, None)
    assert len(buckets.items) == 3


def test_percentiles_are_nearest_rank() -> None:
    (bucket,) = cut([request(1.0, latency=n / 100) for n in range(1, 21)]).items

    assert bucket.p50 == pytest.approx(0.10)
    assert bucket.p95 == pytest.approx(0.19)


def test_long_runs_get_wider_buckets() -> None:
    assert width_for(90.0) == FINEST
    for seconds in (301.0, 1200.0, 14400.0, 3e10):  # the last one of a damaged recording
        assert seconds / width_for(seconds) <= MOST_BUCKETS


def test_no_requests_make_no_buckets_and_no_one_saw_anything() -> None:
    buckets = cut([])

    assert buckets.items == ()
    assert seen(Requests.of([]), ORIGIN, 0.0, 100.0) is None


def test_what_users_saw_is_reported_of_the_stretch_alone() -> None:
    slow = [request(5.0 + n / 100, latency=2.0, served=False) for n in range(6)]
    quick = [request(20.0 + n / 100) for n in range(10)]
    found = seen(Requests.of([*slow, *quick]), ORIGIN, 4.0, 6.0)

    assert found is not None
    assert (found.requests, found.errors, found.worst_p95, found.worst_at) == (6, 6, 2.0, 5.0)


def test_the_worst_p95_of_a_low_rate_is_that_of_neighbouring_buckets() -> None:
    """5 a second are 2 or 3 in each bucket; from 12 to 14 they take 3 s."""
    asked = [n / 5 for n in range(50, 100)]
    requests = Requests.of([request(at, latency=3.0 if 12 <= at < 14 else 0.02) for at in asked])
    found = seen(requests, ORIGIN, 10.0, 20.0)
    assert found is not None
    assert found.worst_p95 == 3.0
    assert found.worst_at is not None
    assert 11 <= found.worst_at <= 14


def test_of_fewer_requests_than_a_percentile_needs_the_slowest_counts() -> None:
    requests = Requests.of([request(1.0, latency=0.4), request(3.0, latency=0.9)])
    found = seen(requests, ORIGIN, 0.0, 5.0)
    assert found is not None
    assert found.worst_p95 == 0.9


def hanging(at: float, waited: float) -> Unanswered:
    intended = ORIGIN + at
    return Unanswered(
        intended=intended,
        sent=intended,
        name="GET /",
        waited=waited,
        intended_mono=at,
        sent_mono=at,
        patience=60,
    )


def test_requests_that_were_never_answered_failed() -> None:
    waiting = [hanging(1.0 + n / 10, 20.0) for n in range(5)]
    found = seen(Requests.of([request(1.0)]), ORIGIN, 0.0, 5.0, waiting)
    assert found is not None
    assert (found.requests, found.errors, found.unanswered, found.worst_p95) == (6, 5, 5, 20.0)

    (early, late) = bucketed(Requests.of([request(1.0)]), ORIGIN, [hanging(1.5, 20.0)]).items
    assert (early.errors, late.errors, late.unanswered) == (0, 1, 1)


def test_a_request_that_was_under_way_when_the_load_was_stopped_says_nothing() -> None:
    found = seen(Requests.of([request(1.0)]), ORIGIN, 0.0, 5.0, [hanging(4.9, 0.1)])
    assert found is not None
    assert (found.requests, found.errors) == (1, 0)


def test_a_long_run_counts_no_request_from_beyond_the_edges_of_the_fault() -> None:
    """Its buckets last 30 s, and the fault 10 s."""
    start, end = 5402.0, 5412.0
    every = [request(n / 2, served=not start <= n / 2 < end) for n in range(3 * 3600 * 2)]
    found = seen(Requests.of(every), ORIGIN, start, end)
    assert found is not None
    assert (found.requests, found.errors) == (20, 20)
