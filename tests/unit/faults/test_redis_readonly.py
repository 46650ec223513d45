from __future__ import annotations

from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


async def test_a_replica_gets_its_own_master_back() -> None:
    fault, w = read(fault="redis.readonly", service="cache"), fake_deployment()
    w.masters["cache"] = ("primary", "6379")
    await fault.inject(fault_context(w))
    assert w.masters["cache"] == ("127.0.0.1", "1")
    await fault.revert(fault_context(w))
    assert w.masters["cache"] == ("primary", "6379")
    assert await fault.reverted(fault_context(w))


async def test_another_error_is_not_this_fault() -> None:
    fault, w = read(fault="redis.readonly", service="cache"), fake_deployment()
    before = await fault.measure(fault_context(w))
    w.redis_config["maxmemory"] = "1"
    assert not fault.took_effect(before, await fault.measure(fault_context(w)))
