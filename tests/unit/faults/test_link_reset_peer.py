from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos.timeline.events import Measurement
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


async def test_says_the_timeout_in_milliseconds() -> None:
    w = fake_deployment()
    await read(fault="link.reset_peer", link="web->cache", timeout="250ms").inject(fault_context(w))
    (toxic,) = await fault_context(w).links.toxics(w.link_names[1])
    assert (toxic.kind, toxic.stream.value, dict(toxic.attributes)) == (
        "reset_peer",
        "downstream",
        {"timeout": 250},
    )


def test_refuses_a_timeout_during_which_it_could_not_be_undone() -> None:
    with pytest.raises(ValidationError, match="less than or equal to 5"):
        read(fault="link.reset_peer", link="web->cache", timeout="6s")


@pytest.mark.parametrize(
    ("now", "took_effect"), [("reset", True), ("closed", True), ("refused", False), ("timeout", False)]
)
def test_takes_effect_when_an_accepted_connection_ends_without_an_answer(now: str, took_effect: bool) -> None:
    fault = read(fault="link.reset_peer", link="web->cache")
    before, here = (Measurement(subject="x", values={"outcome": outcome}) for outcome in ("answered", now))
    assert fault.took_effect(before, here) is took_effect
