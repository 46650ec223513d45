from __future__ import annotations

import pytest

from chaos.timeline.events import Measurement
from tests.fake_ports import fault_context
from tests.fakes import FakeStorage, fake_deployment
from tests.unit.faults.examples import read

LOSS = {"fault": "container.lose_volume", "service": "cache", "volume": "cache-data", "answer": "restore"}


async def test_destroys_container_and_volume_and_no_other() -> None:
    fault, w = read(**LOSS), fake_deployment()
    await fault.inject(fault_context(w))
    assert w.log == ["lose cache-data"]
    assert (await FakeStorage(w).standing()).volumes == ("web-data",)
    assert w.states == {"web": "running", "cache": "gone"}


def test_names_its_volume_to_the_loader() -> None:
    assert read(**LOSS).volumes() == ("cache-data",)


@pytest.mark.parametrize(
    ("state", "volume", "link", "took_effect"),
    [
        ("gone", "gone", "closed", True),
        ("exited", "gone", "closed", False),
        ("gone", "there", "closed", False),
        ("gone", "gone", "answered", False),
    ],
)
def test_takes_effect_when_both_are_gone_and_no_one_is_served(
    state: str, volume: str, link: str, took_effect: bool
) -> None:
    values = {"state": "running", "volume": "there", "link a->cache": "answered"}
    before = Measurement(subject="x", values=values)
    now = Measurement(subject="x", values={"state": state, "volume": volume, "link a->cache": link})
    assert read(**LOSS).took_effect(before, now) is took_effect


async def test_a_container_without_its_volume_is_not_repaired() -> None:
    fault, w = read(**LOSS), fake_deployment()
    await fault.inject(fault_context(w))
    w.states["cache"] = "running"
    assert not await fault.reverted(fault_context(w))
