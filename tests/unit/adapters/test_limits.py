"""The limits of a container, on an engine in memory: its processor quota is restored, and the filler of its
memory is known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import pytest

from chaos.adapters.containers import DockerContainers
from chaos.adapters.labels import RUN_LABEL, SERVICE_LABEL
from chaos.adapters.limits import PERIOD, DockerLimits
from chaos.model.container_states import ContainerStatus
from chaos.ports import ContainerReading
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


class Engine:
    """One container, ``db``. An update leaves alone what it does not set, as the engine does."""

    def __init__(self, **host: int) -> None:
        self.host: dict[str, int] = host
        self.api = self

    def containers(self, all: bool, filters: dict[str, list[str]]) -> list[dict[str, Any]]:
        return [{"Id": "db-1", "Labels": {}}]

    def inspect_container(self, name: str) -> dict[str, Any]:
        return {
            "Id": name,
            "Config": {"Labels": {RUN_LABEL: "run1", SERVICE_LABEL: "db"}},
            "State": {"Status": "running", "ExitCode": 0},
            "HostConfig": dict(self.host),
        }

    def _url(self, path: str, name: str) -> str:
        return path.format(name)

    def _post_json(self, url: str, data: dict[str, int]) -> None:
        assert url == "/containers/db-1/update"
        assert not ("NanoCpus" in data and "CpuQuota" in data)
        self.host |= {name: value for name, value in data.items() if value}

    def _raise_for_status(self, answer: None) -> None:
        """It is always accepted."""


class Launching:
    """The containers of a service with a memory limit, in which a launch takes until ``may`` is set."""

    def __init__(self) -> None:
        self.begun, self.may = asyncio.Event(), asyncio.Event()
        self.running = True
        self.asked: list[str] = []

    async def inspect(self, service: str, verb: str, work: Callable[[Mapping[str, Any]], Any]) -> Any:
        return work({"HostConfig": {"Memory": 2**26}})

    async def reading(self, service: str) -> ContainerReading:
        return ContainerReading(ContainerStatus.RUNNING)

    async def launch(self, service: str, argv: Sequence[str], user: str = "") -> str:
        self.begun.set()
        await self.may.wait()
        return "job-1"

    async def runs(self, job: str) -> bool:
        self.asked.append(job)
        return False


async def test_a_filler_whose_launch_was_cancelled_is_waited_for_by_the_undo() -> None:
    containers = Launching()
    limits = DockerLimits(cast(Any, containers), cast(Any, Engine()))
    filling = asyncio.ensure_future(limits.exhaust_memory("db"))
    await containers.begun.wait()
    filling.cancel()
    containers.may.set()
    with pytest.raises(asyncio.CancelledError):
        await filling
    await limits.end_exhaustion("db")
    assert containers.asked == ["job-1"]


def limits_over(engine: Engine) -> DockerLimits:
    client = cast(Any, engine)
    return DockerLimits(DockerContainers("run1", client, 5.0), client)


@pytest.mark.parametrize(
    ("host", "during", "after"),
    [
        ({"NanoCpus": 333333333}, {"NanoCpus": 100000000}, {"NanoCpus": 333333333}),
        (
            {"CpuQuota": 25000, "CpuPeriod": 50000},
            {"CpuQuota": 10000, "CpuPeriod": PERIOD},
            {"CpuQuota": 25000, "CpuPeriod": 50000},
        ),
        ({"CpuQuota": 7}, {"CpuQuota": 10000, "CpuPeriod": PERIOD}, {"CpuQuota": 7, "CpuPeriod": PERIOD}),
        (
            {"CpuPeriod": 50000},
            {"CpuQuota": 10000, "CpuPeriod": PERIOD},
            {"CpuQuota": -1, "CpuPeriod": 50000},
        ),
        ({}, {"CpuQuota": 10000, "CpuPeriod": PERIOD}, {"CpuQuota": -1, "CpuPeriod": PERIOD}),
    ],
    ids=["NanoCpus", "a period of its own", "a quota alone", "a period alone", "none"],
)
async def test_the_setting_comes_back_as_it_was(
    host: dict[str, int], during: dict[str, int], after: dict[str, int]
) -> None:
    engine, fault = Engine(**host), read(fault="container.cpu", service="db", cpus=0.1)
    context = replace(fault_context(fake_deployment()), limits=limits_over(engine))
    await fault.inject(context)
    await fault.inject(context)
    assert engine.host == during
    assert not await fault.reverted(context)
    await fault.revert(context)
    assert engine.host == after
    assert await fault.reverted(context)
    await fault.revert(context)
    assert engine.host == after


async def test_a_quota_of_the_same_share_is_not_the_same_setting() -> None:
    engine, fault = (
        Engine(CpuQuota=5000, CpuPeriod=50000),
        read(fault="container.cpu", service="db", cpus=0.1),
    )
    context = replace(fault_context(fake_deployment()), limits=limits_over(engine))
    await fault.inject(context)
    await fault.revert(context)
    assert engine.host == {"CpuQuota": 5000, "CpuPeriod": 50000}
