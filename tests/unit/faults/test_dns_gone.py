"""``dns.gone``: what is closed meanwhile, and between whom."""

from __future__ import annotations

import pytest

from chaos.errors import ToolProblem
from chaos.faults.dns_gone import DnsGone
from chaos.model.stack import Stack, as_link
from chaos.runner.effect_shown import effect_shown
from chaos.timeline.events import Measurement
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment


def fault(link: str = "web->cache") -> DnsGone:
    return DnsGone.model_validate({"at": "1m", "fault": "dns.gone", "link": link, "for": "1m"})


async def test_the_open_connections_end_before_the_name_goes_and_the_listener_opens_again() -> None:
    w = fake_deployment()
    await fault().inject(fault_context(w))
    assert w.log == [
        "disable web->cache",
        "take away the name of web->cache",
        "enable web->cache",
    ]


async def test_an_undo_that_cannot_name_it_opens_the_listener_all_the_same() -> None:
    w = fake_deployment()
    w.closed.add(as_link("web->cache"))
    w.broken.add("name")
    with pytest.raises(ToolProblem):
        await fault().revert(fault_context(w))
    assert not w.closed


async def test_an_injection_that_was_cut_off_while_the_listener_was_closed_is_not_undone() -> None:
    w = fake_deployment()
    w.closed.add(as_link("web->cache"))
    assert not await fault().reverted(fault_context(w))


def test_its_proxy_has_a_container_of_its_own() -> None:
    assert fault().links_apart() == (as_link("web->cache"),)


def test_the_clients_outside_the_stack_resolve_no_name() -> None:
    stack = Stack.model_validate(
        {"stack": "s", "services": {"web": {}}, "links": {"clients->web": 80, "web->cache": 1}}
    )
    ((where, wrong),) = fault("clients->web").stack_problems(stack)
    assert where == "link"
    assert "between two services" in wrong
    assert fault().stack_problems(stack) == ()


def test_a_name_that_had_no_address_cannot_lose_it() -> None:
    known, unknown = (
        Measurement(subject="the name cache in web", values={"address": address})
        for address in ("172.18.0.5", None)
    )
    assert fault().unfit_baseline(known) == ""
    assert fault().unfit_baseline(unknown) == "the name cache in web had no address"
    assert effect_shown(fault(), known, unknown) is True
    assert effect_shown(fault(), known, known) is False
    assert effect_shown(fault(), unknown, unknown) is False
