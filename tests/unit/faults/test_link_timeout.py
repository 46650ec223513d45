from __future__ import annotations

import pytest

from chaos.timeline.events import Measurement
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


async def test_swallows_both_directions_unless_asked_otherwise() -> None:
    w = fake_deployment()
    await read(fault="link.timeout", link="web->cache").inject(fault_context(w))
    toxics = await fault_context(w).links.toxics(w.link_names[1])
    assert [(toxic.stream.value, dict(toxic.attributes)) for toxic in toxics] == [
        ("downstream", {"timeout": 0}),
        ("upstream", {"timeout": 0}),
    ]


@pytest.mark.parametrize(
    ("timeout", "now", "took_effect"),
    [
        ("0s", "timeout", True),
        ("0s", "closed", False),  # with 0s the connection must hang
        ("100ms", "closed", True),
        ("100ms", "reset", True),
        ("30s", "timeout", True),  # the witness does not wait so long
        ("100ms", "refused", False),
        ("100ms", "answered", False),
    ],
)
def test_takes_effect_when_a_client_hears_nothing(timeout: str, now: str, took_effect: bool) -> None:
    fault = read(fault="link.timeout", link="web->cache", timeout=timeout)
    before, here = (Measurement(subject="x", values={"outcome": outcome}) for outcome in ("answered", now))
    assert fault.took_effect(before, here) is took_effect
    assert not fault.took_effect(here, here)
