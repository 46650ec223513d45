from __future__ import annotations

import pytest

from chaos.model.stack import Stack
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


async def test_a_connection_that_was_cut_before_already_proves_nothing() -> None:
    fault, w = read(fault="link.limit_data", link="web->cache", bytes=500), fake_deployment()
    before = await fault.measure(fault_context(w))
    cut = before.model_copy(
        update={"values": {**before.values, "outcome": "closed", "received_bytes": 500.0}}
    )
    assert fault.took_effect(before, cut)
    assert not fault.took_effect(cut, cut)


@pytest.mark.parametrize("kind", ["link.limit_data", "link.bandwidth", "link.slicer", "link.slow_close"])
def test_a_target_of_which_much_data_cannot_be_asked_is_refused(kind: str) -> None:
    stack = Stack.model_validate(
        {
            "stack": "s",
            "services": {"cache": {"role": "redis"}, "db": {"role": "postgres"}},
            "links": {"web->cache": 1, "web->db": 2},
        }
    )
    more = {"link.limit_data": {"bytes": 1}, "link.bandwidth": {"rate": 1}}.get(kind, {})
    assert read(fault=kind, link="web->cache", **more).stack_problems(stack) == ()
    ((parameter, message),) = read(fault=kind, link="web->db", **more).stack_problems(stack)
    assert parameter == "link"
    assert "db has the role postgres" in message
    assert "app, http, prometheus, redis" in message


async def test_one_exchange_that_met_a_stall_before_the_fault_does_not_count() -> None:
    fault, w = read(fault="link.limit_data", link="web->cache", bytes=500), fake_deployment()
    fine = await fault.measure(fault_context(w))
    stalled = fine.model_copy(update={"values": {**fine.values, "outcome": "timeout"}})
    cut = fine.model_copy(update={"values": {**fine.values, "outcome": "closed", "received_bytes": 500.0}})
    assert fault.took_effect(fault.baseline([fine, fine, fine, fine, stalled]), cut)
    assert not fault.took_effect(fault.baseline([fine, fine, cut, cut, cut]), cut)
