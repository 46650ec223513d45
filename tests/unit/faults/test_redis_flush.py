from __future__ import annotations

import pytest

from chaos.errors import ToolProblem
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


async def test_what_is_written_meanwhile_is_lost_too() -> None:
    fault, w = read(fault="redis.flush", service="cache", every="1s"), fake_deployment()
    ports = fault_context(w)
    await fault.inject(ports)
    await ports.redis.call("cache", "SET", "guest", "1")
    await ports.clock.sleep(1.0)
    assert w.keys == set()
    await fault.revert(ports)
    await ports.redis.call("cache", "SET", "guest", "1")
    await ports.clock.sleep(5.0)
    assert w.keys == {"guest"}


async def test_a_server_that_accepts_no_write_proves_nothing() -> None:
    fault, w = read(fault="redis.flush", service="cache"), fake_deployment()
    before = await fault.measure(fault_context(w))
    w.masters["cache"] = ("127.0.0.1", "1")
    assert not fault.took_effect(before, await fault.measure(fault_context(w)))


async def test_a_loop_that_failed_is_an_error() -> None:
    fault, w = read(fault="redis.flush", service="cache"), fake_deployment()
    w.failed.add("deletion of all keys of cache")
    with pytest.raises(ToolProblem, match="ended by itself"):
        await fault.measure(fault_context(w))
