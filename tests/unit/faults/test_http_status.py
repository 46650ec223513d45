"""``http.status``, and what all faults of HTTP links have in common."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from chaos.faults.http_status import HttpStatus
from chaos.model.stack import Stack, as_link
from chaos.ports import DialOutcome, HttpEffect, HttpReply, HttpRule
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment

LINK = as_link("clients->web")


def fault(**more: Any) -> HttpStatus:
    given = {"at": "1m", "fault": "http.status", "link": "clients->web", "for": "1m"}
    return HttpStatus.model_validate(given | more)


async def test_the_proxy_is_told_path_share_and_status() -> None:
    w = fake_deployment()
    await fault(status=429, share=0.25, path="/items").inject(fault_context(w))
    assert list(w.http.values()) == [HttpRule(HttpEffect.STATUS, "/items", 25, "429")]


async def test_two_paths_of_one_link_are_struck_and_undone_apart() -> None:
    w, one, other = fake_deployment(), fault(path="/items"), fault(path="/orders", status=500)
    assert one.exclusive(_stack()).isdisjoint(other.exclusive(_stack()))
    await one.inject(fault_context(w))
    await other.inject(fault_context(w))
    await one.revert(fault_context(w))
    assert await one.reverted(fault_context(w))
    assert not await other.reverted(fault_context(w))


async def test_a_share_is_proven_by_half_of_it() -> None:
    w = fake_deployment()
    before = await fault(share=0.4).measure(fault_context(w))
    await fault(share=0.2).inject(fault_context(w))
    assert fault(share=0.4).took_effect(before, await fault(share=0.4).measure(fault_context(w)))
    await fault(share=0.1).inject(fault_context(w))
    assert not fault(share=0.4).took_effect(before, await fault(share=0.4).measure(fault_context(w)))


async def test_a_link_that_was_not_served_before_proves_nothing() -> None:
    w = fake_deployment()
    w.closed.add(LINK)
    before = await fault().measure(fault_context(w))
    w.closed.clear()
    await fault().inject(fault_context(w))
    assert not fault().took_effect(before, await fault().measure(fault_context(w)))


def test_an_answer_with_the_status_that_is_cut_off_does_not_count() -> None:
    assert fault().struck(HttpReply(DialOutcome.ANSWERED, 0.1, 503))
    assert not fault().struck(HttpReply(DialOutcome.CUT, 0.1, 503))
    assert not fault().struck(HttpReply(DialOutcome.ANSWERED, 0.1, 500))


def test_the_link_needs_an_http_proxy() -> None:
    assert fault().http_links() == (LINK,)


@pytest.mark.parametrize(
    ("more", "where"), [({"link": "web->cache"}, "link"), ({"path": "/a", "ask": "/b"}, "ask")]
)
def test_what_cannot_be_proven_is_refused(more: dict[str, str], where: str) -> None:
    assert [name for name, _ in fault(**more).stack_problems(_stack())] == [where]


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": "items"},
        {"path": "/a b"},
        {"path": "/a;help"},
        {"status": 200},
        {"share": 0},
        {"ask": "/a\n"},
    ],
)
def test_what_would_break_a_command_of_the_proxy_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        fault(**wrong)


def _stack() -> Stack:
    services = {"web": {"role": "app"}, "cache": {"role": "redis"}}
    return Stack.model_validate(
        {"stack": "s", "services": services, "links": {"clients->web": 80, "web->cache": 6379}}
    )
