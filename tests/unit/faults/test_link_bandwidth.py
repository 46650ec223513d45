from __future__ import annotations

import pytest

from chaos.ports import Stream, Toxic
from chaos.timeline.events import Measurement
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


def seen(seconds: float | None, outcome: str = "answered") -> Measurement:
    return Measurement(
        subject="x",
        values={"outcome": outcome, "seconds": seconds, "sent_bytes": 25000.0, "received_bytes": 25000.0},
    )


async def test_puts_the_rate_and_the_share_on_each_direction() -> None:
    w = fake_deployment()
    fault = read(fault="link.bandwidth", link="web->cache", rate=50, direction="both", toxicity=0.5)
    await fault.inject(fault_context(w))
    assert await fault_context(w).links.toxics(w.link_names[1]) == (
        Toxic("bandwidth-downstream-at-60", "bandwidth", Stream.DOWNSTREAM, {"rate": 50}, 0.5),
        Toxic("bandwidth-upstream-at-60", "bandwidth", Stream.UPSTREAM, {"rate": 50}, 0.5),
    )


@pytest.mark.parametrize(
    ("before", "now", "took_effect"),
    [
        (seen(0.1), seen(0.34), False),
        (seen(0.1), seen(0.36), True),
        (seen(0.1), seen(0.6, "closed"), False),
        (seen(0.1, "closed"), seen(0.6), False),
        (seen(None), seen(0.6), False),
    ],
)
def test_takes_effect_from_half_of_the_time_that_it_should_add(
    before: Measurement, now: Measurement, took_effect: bool
) -> None:
    fault = read(fault="link.bandwidth", link="web->cache", rate=50)
    assert fault.took_effect(before, now) is took_effect


@pytest.mark.parametrize(
    ("before", "now", "took_effect"),
    [
        ((0.1, 0.1, 0.1, 0.1, 1.9), 0.6, True),  # one stall of the machine, immediately before the injection
        ((0.1, 0.1, 0.1, 1.2, 1.9), 1.2, False),  # two are noise that the fault must exceed
        ((0.1, 0.1, 0.1, 1.2, 1.9), 1.3, True),
        ((0.1, 0.1, 0.1, None, None), 0.6, True),  # two without an answer in time
        ((0.1, 0.1, None, None, None), 0.6, False),
        ((0.1, 0.1, 0.1, 0.1, 0.1), 0.3, False),
    ],
)
@pytest.mark.parametrize("kind", ["link.bandwidth", "link.slicer", "link.slow_close"])
def test_a_stall_of_the_machine_before_the_fault_does_not_count(
    kind: str, before: tuple[float | None, ...], now: float, took_effect: bool
) -> None:
    written: dict[str, dict[str, object]] = {
        "link.bandwidth": {"rate": 50},
        "link.slow_close": {"delay": "500ms"},
    }
    more = written.get(kind, {})
    fault = read(fault=kind, link="web->cache", **more)
    assert fault.baselines == len(before)
    silent = seen(3.5, "timeout")
    baseline = fault.baseline([silent if seconds is None else seen(seconds) for seconds in before])
    assert fault.took_effect(baseline, seen(now)) is took_effect


def test_a_link_that_mostly_does_not_answer_is_no_baseline() -> None:
    fault = read(fault="link.bandwidth", link="web->cache", rate=50)
    silent, quick = seen(3.5, "timeout"), seen(0.1)
    assert fault.unfit_baseline(fault.baseline([silent, silent, silent, quick, quick])) == (
        "x did not answer (timeout)"
    )
    assert fault.unfit_baseline(fault.baseline([quick, quick, quick, silent, silent])) == ""
    assert fault.baseline([quick]) == quick, "a recording of an older version"


@pytest.mark.parametrize(("struck", "took_effect"), [(0, False), (4, False), (5, True), (20, True)])
def test_a_share_of_the_connections_is_proved_by_half_of_it(struck: int, took_effect: bool) -> None:
    fault = read(fault="link.bandwidth", link="web->cache", rate=50, toxicity=0.5)
    none, some = (
        Measurement(subject="x", values={"dialled": 20.0, "affected": float(count)}) for count in (0, struck)
    )
    assert fault.took_effect(none, some) is took_effect
    assert not fault.took_effect(some, some)
