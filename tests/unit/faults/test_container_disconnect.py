from __future__ import annotations

from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


async def test_the_process_runs_on() -> None:
    fault, w = read(fault="container.disconnect", service="cache"), fake_deployment()
    await fault.inject(fault_context(w))
    seen = (await fault.measure(fault_context(w))).values
    assert (seen["state"], seen["networks"], seen["link web->cache"]) == ("running", 0, "closed")


async def test_a_container_that_died_meanwhile_is_another_fault() -> None:
    fault, w = read(fault="container.disconnect", service="cache"), fake_deployment()
    before = await fault.measure(fault_context(w))
    await fault.inject(fault_context(w))
    w.states["cache"] = "exited"
    assert not fault.took_effect(before, await fault.measure(fault_context(w)))
