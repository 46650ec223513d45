from __future__ import annotations

from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


async def test_uses_up_the_memory_before_it_closes_the_links() -> None:
    fault, w = read(fault="container.oom", service="cache"), fake_deployment()
    await fault.inject(fault_context(w))
    assert w.log == ["exhaust cache", "disable web->cache"]


async def test_a_container_that_died_of_something_else_is_no_proof() -> None:
    fault, w = read(fault="container.oom", service="cache"), fake_deployment()
    before = await fault.measure(fault_context(w))
    await fault_context(w).containers.kill("cache")
    assert not fault.took_effect(before, await fault.measure(fault_context(w)))
