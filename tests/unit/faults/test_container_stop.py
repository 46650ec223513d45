from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from tests.fake_ports import fault_context
from tests.fakes import FakeContainers, FakeDeployment, fake_deployment
from tests.recording_builder import STACK, RecordingBuilder
from tests.results import context
from tests.unit.faults.examples import read


class _Graces(FakeContainers):
    def __init__(self, w: FakeDeployment) -> None:
        super().__init__(w)
        self.graces: list[float] = []

    async def stop(self, service: str, grace: float) -> None:
        self.graces.append(grace)
        await super().stop(service, grace)


def remarks(pace: float, **keys: str) -> list[str]:
    scenario = RecordingBuilder().plan.scenario
    step = read(fault="container.stop", service="cache", **keys)
    return list(step.remarks(context(scenario, STACK, None, pace)))


def test_a_grace_as_long_as_the_fault_is_said_beforehand() -> None:
    (said,) = remarks(20, **{"for": "1m", "grace": "10s"})
    assert "its whole grace of 10s to stop, and the fault holds for 3s" in said
    assert remarks(20, **{"for": "4m", "grace": "10s"}) == []
    assert remarks(1, **{"for": "1m", "grace": "10s"}) == []


async def test_gives_the_grace_that_the_file_says() -> None:
    w = fake_deployment()
    containers = _Graces(w)
    await read(fault="container.stop", service="cache", grace="3s").inject(
        replace(fault_context(w), containers=containers)
    )
    assert containers.graces == [3.0]
    assert w.log == ["stop cache", "disable web->cache"]


def test_refuses_a_grace_without_bound() -> None:
    with pytest.raises(ValidationError, match="less than or equal to 60"):
        read(fault="container.stop", service="cache", grace="5m")
