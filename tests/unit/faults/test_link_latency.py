from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from chaos.model.stack import LinkName, ServiceRole, Stack
from chaos.ports import DialOutcome, FaultContext, RoundTrip, Stream, Toxic
from chaos.timeline.events import Measurement
from tests.fake_ports import fault_context
from tests.fakes import ROUND_TRIP, FakeLinks, fake_deployment
from tests.unit.faults.examples import read


async def test_puts_milliseconds_on_the_named_direction() -> None:
    w = fake_deployment()
    await read(fault="link.latency", link="web->cache", latency="1.5s", jitter="100ms").inject(
        fault_context(w)
    )
    assert await fault_context(w).links.toxics(w.link_names[1]) == (
        Toxic("latency-downstream-at-60", "latency", Stream.DOWNSTREAM, {"latency": 1500, "jitter": 100}),
    )


async def test_both_directions_add_twice() -> None:
    fault, w = (
        read(fault="link.latency", link="web->cache", latency="100ms", direction="both"),
        fake_deployment(),
    )
    await fault.inject(fault_context(w))
    now = await fault.measure(fault_context(w))
    assert now.values["round_trip_s"] == pytest.approx(0.2 + ROUND_TRIP)


@pytest.mark.parametrize(("now", "took_effect"), [(0.149, False), (0.151, True), (0.4, True)])
def test_takes_effect_from_half_the_latency_on(now: float, took_effect: bool) -> None:
    fault = read(fault="link.latency", link="web->cache", latency="200ms")
    then, here = (Measurement(subject="x", values={"round_trip_s": seconds}) for seconds in (0.05, now))
    assert fault.took_effect(then, here) is took_effect


@pytest.mark.parametrize("missing", ["before", "now"])
def test_without_a_median_nothing_is_proved(missing: str) -> None:
    fault = read(fault="link.latency", link="web->cache", latency="200ms")
    there, nothing = (Measurement(subject="x", values={"round_trip_s": seconds}) for seconds in (0.9, None))
    assert not (
        fault.took_effect(nothing, there) if missing == "before" else fault.took_effect(there, nothing)
    )


def slow(connections: float, silent: float = 0.0) -> Measurement:
    """How many of twenty connections were slow, and how many not answered."""
    return Measurement(
        subject="link web->cache",
        values={"dialled": 20.0, "affected": connections, **({"unanswered": silent} if silent else {})},
    )


@pytest.mark.parametrize(
    ("before", "now", "took_effect"),
    [
        ((0, 0, 7, 0, 0), 10, True),  # one stall of the machine
        ((0, 0, 0, 0, 20), 10, True),  # also immediately before the injection
        ((0, 0, 7, 8, 0), 7, False),  # two of them are noise that the fault must exceed
        ((0, 0, 7, 8, 0), 8, True),
        ((0, 7, 7, 7, 0), 20, False),  # a machine on which nothing can be told
        ((0, 0, 0, 0, 0), 4, False),  # below half the share
    ],
)
def test_a_stall_of_the_machine_before_a_share_of_slow_connections_does_not_count(
    before: tuple[int, ...], now: int, took_effect: bool
) -> None:
    fault = read(fault="link.latency", link="web->cache", latency="200ms", toxicity=0.5)
    baseline = fault.baseline([slow(float(number)) for number in before])
    assert fault.took_effect(baseline, slow(float(now))) is took_effect


def test_connections_without_an_answer_in_one_measurement_before_do_not_count() -> None:
    fault = read(fault="link.latency", link="web->cache", latency="200ms", toxicity=0.5)
    none, silent = slow(0.0), slow(0.0, silent=2.0)
    assert fault.took_effect(fault.baseline([none, none, none, silent, silent]), slow(10.0))
    assert not fault.took_effect(fault.baseline([none, none, silent, silent, silent]), slow(10.0))


def test_connections_that_are_slow_already_are_named_and_a_few_do_not_hide_the_end() -> None:
    fault = read(fault="link.latency", link="web->cache", latency="200ms", toxicity=0.5)
    assert fault.unfit_baseline(slow(7.0)) == "link web->cache: 7 of 20 connections were affected"
    silent = "link web->cache: 2 of 20 connections were not answered"
    assert fault.unfit_baseline(slow(0.0, silent=2.0)) == silent
    assert fault.unmeasured(slow(0.0), slow(3.0)) == ""
    assert fault.unmeasured(slow(0.0), slow(3.0, silent=2.0)) == silent


class _Scripted(FakeLinks):
    """Answers the round trips from a list."""

    def __init__(self, *trips: RoundTrip) -> None:
        super().__init__(fake_deployment())
        self._trips = list(trips)
        self.timeouts: set[float] = set()

    async def round_trip(self, link: LinkName, timeout: float = 2.0) -> RoundTrip:
        self.timeouts.add(timeout)
        return self._trips.pop(0)


def _context(links: FakeLinks) -> FaultContext:
    return replace(fault_context(fake_deployment()), links=links)


async def test_takes_the_median_of_five_and_waits_longer_than_the_longest_delay() -> None:
    links = _Scripted(*(RoundTrip(DialOutcome.ANSWERED, seconds) for seconds in (0.9, 0.1, 0.3, 0.2, 0.8)))
    fault = read(fault="link.latency", link="web->cache", latency="10s", jitter="2s", direction="both")
    assert (await fault.measure(_context(links))).values == {
        "outcome": "answered",
        "round_trip_s": 0.3,
        "answered": 5,
        "asked": 5,
    }
    assert links.timeouts == {26.0}


async def test_two_answers_of_five_are_no_median() -> None:
    lost = RoundTrip(DialOutcome.TIMEOUT)
    fine = RoundTrip(DialOutcome.ANSWERED, 0.1)
    links = _Scripted(fine, lost, lost, fine, lost)
    seen = await read(fault="link.latency", link="web->cache", latency="1s").measure(_context(links))
    assert (seen.values["outcome"], seen.values["round_trip_s"]) == ("timeout", None)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"latency": "100ms", "jitter": "51ms"}, "jitter of at most half the latency \\(50ms\\), got 51ms"),
        ({"latency": "0s"}, "greater than 0"),
        ({"latency": 100}, "duration with a unit"),
        ({"latency": "1s", "direction": "sideways"}, "'upstream', 'downstream' or 'both'"),
        ({"latency": "1s", "toxic": 1}, "Extra inputs are not permitted"),
        ({"latency": "1s", "toxicity": 0.1}, "greater than or equal to 0.2"),
        ({}, "Field required"),
    ],
)
def test_refuses_what_could_not_be_proved_or_meant(written: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        read(fault="link.latency", link="web->cache", **written)


@pytest.mark.parametrize("kind", ["link.latency", "link.timeout", "link.reset_peer"])
def test_a_target_that_cannot_be_asked_anything_is_a_misfit(kind: str) -> None:
    stack = Stack.model_validate(
        {
            "stack": "s",
            "services": {"cache": {"role": "redis"}, "queue": {"role": "other"}},
            "links": {"web->cache": 1, "web->queue": 2},
        }
    )
    extra = {"latency": "1s"} if kind == "link.latency" else {}
    assert read(fault=kind, link="web->cache", **extra).stack_problems(stack) == ()
    ((parameter, message),) = read(fault=kind, link="web->queue", **extra).stack_problems(stack)
    assert parameter == "link"
    assert "queue has the role other" in message
    assert ServiceRole.POSTGRES.value in message


async def test_two_of_them_on_one_link_are_kept_apart() -> None:
    w = fake_deployment()
    early = read(fault="link.latency", link="web->cache", latency="100ms", at="0s")
    late = read(fault="link.latency", link="web->cache", latency="300ms", at="30s")
    await early.inject(fault_context(w))
    await late.inject(fault_context(w))
    await early.revert(fault_context(w))
    assert await early.reverted(fault_context(w))
    assert not await late.reverted(fault_context(w))
