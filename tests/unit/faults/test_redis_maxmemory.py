from __future__ import annotations

from chaos.model.stack import Stack
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


async def test_forbids_eviction_before_it_lowers_the_limit_and_allows_it_after_the_limit_is_back() -> None:
    fault, w = read(fault="redis.maxmemory", service="cache", limit_bytes=5), fake_deployment()
    await fault.inject(fault_context(w))
    await fault.inject(fault_context(w))
    assert w.redis_config == {"maxmemory": "5", "maxmemory-policy": "noeviction"}
    await fault.revert(fault_context(w))
    assert w.redis_config == {}


def test_needs_a_service_of_role_redis() -> None:
    stack = Stack.model_validate({"stack": "s", "services": {"web": {"role": "app"}}})
    ((parameter, message),) = read(fault="redis.maxmemory", service="web").stack_problems(stack)
    assert (parameter, message) == ("service", "web has the role app; expected a service of role redis")


def test_may_overlap_another_change_inside_but_not_the_end_of_the_container() -> None:
    stack = Stack.model_validate({"stack": "s", "services": {"cache": {"role": "redis"}}})
    claims = read(fault="redis.maxmemory", service="cache").exclusive(stack)
    assert claims.isdisjoint(read(fault="redis.readonly", service="cache").exclusive(stack))
    assert not claims.isdisjoint(read(fault="container.pause", service="cache").exclusive(stack))
