from __future__ import annotations

import pytest

from chaos.errors import ToolProblem
from chaos.model.stack import ServiceRole, Stack
from chaos.timeline.events import Measurement
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


async def test_freezes_closes_the_links_kills_and_reopens_them_after_the_start() -> None:
    fault, w = read(fault="container.kill", service="cache"), fake_deployment()
    await fault.inject(fault_context(w))
    assert w.log == ["pause cache", "disable web->cache", "kill cache"]
    w.log.clear()
    await fault.revert(fault_context(w))
    assert w.log == ["unpause cache", "start cache", "enable web->cache"]


async def test_leaves_the_links_alone_if_asked() -> None:
    fault, w = read(fault="container.kill", service="cache", close_links=False), fake_deployment()
    await fault.inject(fault_context(w))
    await fault.revert(fault_context(w))
    assert w.log == ["kill cache", "unpause cache", "start cache"]


async def test_reopens_the_links_even_if_the_container_does_not_start() -> None:
    fault, w = read(fault="container.kill", service="cache"), fake_deployment()
    await fault.inject(fault_context(w))
    w.broken = {"start"}
    with pytest.raises(ToolProblem, match="cannot start cache"):
        await fault.revert(fault_context(w))
    assert not w.closed
    assert not await fault.reverted(fault_context(w))


@pytest.mark.parametrize("failing", ["pause", "disable", "kill"])
async def test_undoes_a_half_injection(failing: str) -> None:
    fault, w = read(fault="container.kill", service="cache"), fake_deployment()
    w.broken = {failing}
    with pytest.raises(ToolProblem):
        await fault.inject(fault_context(w))
    w.broken = set()
    await fault.revert(fault_context(w))
    assert await fault.reverted(fault_context(w))
    assert w.states["cache"] == "running"


async def test_kills_what_someone_else_has_frozen() -> None:
    fault, w = read(fault="container.kill", service="cache"), fake_deployment()
    await fault_context(w).containers.pause("cache")
    await fault.inject(fault_context(w))
    assert w.states["cache"] == "exited"


async def test_a_running_container_with_closed_links_is_not_undone() -> None:
    fault, w = read(fault="container.kill", service="cache"), fake_deployment()
    await fault.inject(fault_context(w))
    w.states["cache"] = "running"
    assert not await fault.reverted(fault_context(w))


async def test_measures_every_link_to_the_victim_and_no_other() -> None:
    fault, w = (
        read(fault="container.kill", service="cache"),
        fake_deployment(("a->cache", "b->cache", "a->b")),
    )
    seen = await fault.measure(fault_context(w))
    assert seen == Measurement(
        subject="container cache",
        values={"state": "running", "link a->cache": "answered", "link b->cache": "answered"},
    )


async def test_has_no_effect_while_a_client_is_still_served() -> None:
    fault = read(fault="container.kill", service="cache")
    before = Measurement(subject="x", values={"state": "running", "link a->cache": "answered"})
    dead = {"state": "exited", "exit_code": 137.0}
    assert fault.took_effect(before, Measurement(subject="x", values={**dead, "link a->cache": "reset"}))
    assert not fault.took_effect(
        before, Measurement(subject="x", values={**dead, "link a->cache": "answered"})
    )
    assert not fault.took_effect(
        before, Measurement(subject="x", values={"state": "running", "link a->cache": "reset"})
    )


async def test_a_link_that_was_dead_before_proves_nothing_either_way() -> None:
    fault, w = read(fault="container.kill", service="cache"), fake_deployment()
    await fault_context(w).links.disable(w.link_names[1])
    before = await fault.measure(fault_context(w))
    await fault.inject(fault_context(w))
    assert fault.took_effect(before, await fault.measure(fault_context(w)))


async def test_takes_effect_on_a_target_that_can_only_be_dialled() -> None:
    w = fake_deployment(roles={"cache": ServiceRole.OTHER})
    fault = read(fault="container.kill", service="cache", close_links=False)
    before = await fault.measure(fault_context(w))
    assert before.values["link web->cache"] == "connected"
    await fault.inject(fault_context(w))
    assert fault.took_effect(before, await fault.measure(fault_context(w)))


def test_claims_the_container_and_the_listeners_that_it_closes() -> None:
    stack = Stack.model_validate(
        {"stack": "s", "services": {}, "links": {"web->cache": 1, "job->cache": 1, "web->db": 2}}
    )
    down = read(fault="link.down", link="web->cache").exclusive(stack)
    assert read(fault="container.kill", service="cache").exclusive(stack) & down
    assert not read(fault="container.kill", service="cache", close_links=False).exclusive(stack) & down
    assert not read(fault="container.kill", service="db").exclusive(stack) & down
    assert read(fault="container.pause", service="cache").exclusive(stack) & read(
        fault="container.kill", service="cache"
    ).exclusive(stack)
