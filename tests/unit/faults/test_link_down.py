from __future__ import annotations

import pytest

from chaos.timeline.events import Measurement
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


@pytest.mark.parametrize(
    ("before", "now", "took_effect"),
    [
        ("answered", "refused", True),
        ("answered", "reset", True),
        ("answered", "closed", True),
        ("connected", "closed", True),
        ("answered", "timeout", False),  # a closed listener says no at once
        ("answered", "answered", False),
        ("reset", "reset", False),  # it was so before
        ("timeout", "reset", False),
    ],
)
def test_takes_effect_when_a_served_client_is_turned_away(before: str, now: str, took_effect: bool) -> None:
    then, here = (Measurement(subject="x", values={"outcome": outcome}) for outcome in (before, now))
    assert read(fault="link.down", link="web->cache").took_effect(then, here) is took_effect


async def test_measures_its_own_link_only() -> None:
    w = fake_deployment(("web->cache", "job->cache"))
    await read(fault="link.down", link="web->cache").inject(fault_context(w))
    assert (await read(fault="link.down", link="job->cache").measure(fault_context(w))).values[
        "outcome"
    ] == "answered"
