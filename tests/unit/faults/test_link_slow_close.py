from __future__ import annotations

import pytest

from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


async def test_answers_come_as_fast_as_ever_and_the_end_late() -> None:
    fault, w = read(fault="link.slow_close", link="web->cache", delay="2s"), fake_deployment()
    links, link = fault_context(w).links, w.link_names[1]
    quick = (await links.round_trip(link)).seconds
    await fault.inject(fault_context(w))
    assert (await links.round_trip(link)).seconds == quick
    assert (await fault.measure(fault_context(w))).values["seconds"] == pytest.approx(2.0)
