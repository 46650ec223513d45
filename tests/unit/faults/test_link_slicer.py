from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos.ports import Stream, Toxic
from chaos.timeline.events import Measurement
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


async def test_gives_the_delay_in_microseconds() -> None:
    w = fake_deployment()
    fault = read(fault="link.slicer", link="web->cache", average_size=100, variation=10, delay="20ms")
    await fault.inject(fault_context(w))
    attributes = {"average_size": 100, "size_variation": 10, "delay": 20_000}
    assert await fault_context(w).links.toxics(w.link_names[1]) == (
        Toxic("slicer-downstream-at-60", "slicer", Stream.DOWNSTREAM, attributes),
    )


def test_a_piece_cannot_vary_by_more_than_half_of_it() -> None:
    with pytest.raises(ValidationError, match=r"at most half the average_size \(32 bytes\), got 33"):
        read(fault="link.slicer", link="web->cache", variation=33)


def exchange(outcome: str, seconds: float, received: float) -> Measurement:
    values = {"outcome": outcome, "seconds": seconds, "sent_bytes": 397.0, "received_bytes": received}
    return Measurement(subject="link web->cache", values=values)


@pytest.mark.parametrize(
    ("now", "shows"),
    [
        (exchange("answered", 1.0, 396), True),
        (exchange("answered", 0.1, 396), False),
        (exchange("timeout", 4.0, 264), True),
        (exchange("timeout", 4.0, 0), False),
        (exchange("reset", 4.0, 264), False),
    ],
    ids=["slow", "quick", "still arriving", "nothing arrives", "cut"],
)
def test_an_answer_that_is_still_arriving_shows_the_pauses(now: Measurement, shows: bool) -> None:
    fault = read(fault="link.slicer", link="web->cache", average_size=64, delay="250ms")
    assert fault.took_effect(exchange("answered", 0.01, 396), now) is shows
