from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos.ports import Bench
from tests.fakes import FakeContainers, FakeLevers, FakeLinks, FakeStorage, ManualClock, World, world
from tests.unit.faults.examples import read


class _Graces(FakeContainers):
    def __init__(self, w: World) -> None:
        super().__init__(w)
        self.graces: list[float] = []

    async def stop(self, service: str, grace: float) -> None:
        self.graces.append(grace)
        await super().stop(service, grace)


async def test_gives_the_grace_that_the_file_says() -> None:
    w = world()
    containers = _Graces(w)
    await read(fault="container.stop", service="cache", grace="3s").inject(
        Bench(containers, FakeLinks(w), FakeLevers(w), FakeStorage(w), ManualClock())
    )
    assert containers.graces == [3.0]
    assert w.log == ["stop cache", "disable web->cache"]


def test_refuses_a_grace_without_bound() -> None:
    with pytest.raises(ValidationError, match="less than or equal to 60"):
        read(fault="container.stop", service="cache", grace="5m")
