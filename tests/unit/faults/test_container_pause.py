from __future__ import annotations

from chaos.model.stack import ServiceRole
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


async def test_leaves_the_links_open_because_a_frozen_service_is_a_hang() -> None:
    fault, w = read(fault="container.pause", service="cache"), fake_deployment()
    await fault.inject(fault_context(w))
    assert (await fault.measure(fault_context(w))).values == {"state": "paused", "link web->cache": "timeout"}
    await fault.revert(fault_context(w))
    assert w.log == ["pause cache", "unpause cache"]


async def test_a_connection_alone_does_not_speak_against_it() -> None:
    """The kernel completes the handshake for a frozen process."""
    fault, w = (
        read(fault="container.pause", service="cache"),
        fake_deployment(roles={"cache": ServiceRole.OTHER}),
    )
    before = await fault.measure(fault_context(w))
    await fault.inject(fault_context(w))
    now = await fault.measure(fault_context(w))
    assert now.values["link web->cache"] == "connected"
    assert fault.took_effect(before, now)


async def test_has_no_effect_while_a_client_gets_answers() -> None:
    fault, w = read(fault="container.pause", service="cache"), fake_deployment()
    before = await fault.measure(fault_context(w))
    now = before.model_copy(update={"values": {**before.values, "state": "paused"}})
    assert not fault.took_effect(before, now)


async def test_a_container_that_died_meanwhile_is_not_paused_any_more() -> None:
    fault, w = read(fault="container.pause", service="cache"), fake_deployment()
    await fault.inject(fault_context(w))
    w.states["cache"] = "exited"
    await fault.revert(fault_context(w))
    assert await fault.reverted(fault_context(w))
