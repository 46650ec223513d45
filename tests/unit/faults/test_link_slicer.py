from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos.ports import Stream, Toxic
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
