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


@pytest.mark.parametrize(("struck", "took_effect"), [(0, False), (4, False), (5, True), (20, True)])
def test_a_share_of_the_connections_is_proved_by_half_of_it(struck: int, took_effect: bool) -> None:
    fault = read(fault="link.bandwidth", link="web->cache", rate=50, toxicity=0.5)
    none, some = (
        Measurement(subject="x", values={"dialled": 20.0, "affected": float(count)}) for count in (0, struck)
    )
    assert fault.took_effect(none, some) is took_effect
    assert not fault.took_effect(some, some)
