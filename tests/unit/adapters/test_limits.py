"""The limits of a container, on an engine in memory: its processor quota is restored, and the filler of its
memory is known.
"""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from chaos.adapters.containers import DockerContainers
from chaos.adapters.labels import RUN_LABEL, SERVICE_LABEL
from chaos.adapters.limits import PERIOD, DockerLimits, busy_command, read_counters
from chaos.model.container_states import ContainerStatus
from chaos.ports import CommandOutput, ContainerReading, Processor
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


class SlowEngine:
    """A container with a quota of 0.1 processors. Every call to the engine costs it processor time, and the
    shell in it prints ``printed``.
    """

    def __init__(self, printed: str) -> None:
        self.api = self
        self._printed = printed
        self._used, self._throttled = 5.0, 40

    async def execute(self, service: str, argv: Sequence[str], timeout: float) -> CommandOutput:
        self._used, self._throttled = self._used + 0.4, self._throttled + 30
        return CommandOutput(0, self._printed.encode())

    async def inspect(self, service: str, verb: str, work: Callable[[Mapping[str, Any]], Any]) -> Any:
        return work({"Id": "db-1"})

    def stats(self, name: str, stream: bool, one_shot: bool) -> dict[str, Any]:
        throttling = {"throttled_periods": self._throttled}
        usage = {"total_usage": round(self._used * 1e9)}
        return {"cpu_stats": {"cpu_usage": usage, "throttling_data": throttling}}

    def limits(self) -> DockerLimits:
        return DockerLimits(cast(Any, self), cast(Any, self))


V1 = (
    "uptime 100.00\nnr_periods 3\nnr_throttled 2\nusage_nsec 700000000\n"
    "nr_periods 9\nnr_throttled 8\nusage_nsec 760000000\nuptime 100.60\n"
)
V2 = (
    "uptime 100.00\nusage_usec 700000\nnr_throttled 2\nthrottled_usec 9\n"
    "usage_usec 760000\nnr_throttled 8\nthrottled_usec 99\nuptime 100.60\n"
)


@pytest.mark.parametrize("printed", [V1, V2], ids=["cgroup v1", "cgroup v2"])
async def test_what_a_slow_engine_takes_does_not_count_as_use_of_the_processor(printed: str) -> None:
    counted = await SlowEngine(printed).limits().use_processor("db", 0.5)
    assert (round(counted.cpu_seconds, 6), counted.throttled) == (0.06, 6)
    assert counted.processors == pytest.approx(0.1)


async def test_a_measurement_that_took_long_is_divided_by_the_time_that_it_took() -> None:
    """A stall of two seconds, in which the container went on at its quota."""
    stalled = V1.replace("usage_nsec 760000000", "usage_nsec 960000000").replace("100.60", "102.60")
    fault = read(fault="container.cpu", service="db", cpus=0.1)
    context = replace(fault_context(fake_deployment()), limits=SlowEngine(stalled).limits())
    free = (await fault.measure(fault_context(fake_deployment()))).values
    now = await fault.measure(context)
    assert now.values == {"processors_used": 0.1, "throttled_periods": 6.0}
    assert fault.took_effect(now.model_copy(update={"values": free}), now)


@pytest.mark.parametrize("printed", ["", "uptime 100.00\nuptime 100.60\n", V1.replace("usage_nsec", "?")])
async def test_without_access_to_its_counters_the_engine_says_what_was_used(printed: str) -> None:
    counted = await SlowEngine(printed).limits().use_processor("db", 0.5)
    assert (round(counted.cpu_seconds, 6), counted.throttled) == (0.4, 30)
    assert counted.seconds > 0


@pytest.mark.parametrize(
    ("files", "counted"),
    [
        ({"cpu/cpu.stat": "nr_periods 3\nnr_throttled 2\n", "cpuacct/cpuacct.usage": "700\n"}, True),
        ({"cpu.stat": "usage_usec 700\nnr_throttled 2\n"}, True),
        ({"cpu.stat": "usage_usec 9\n", "own/cpu.stat": "usage_usec 700\nnr_throttled 2\n"}, True),
        ({"cpu.stat": "usage_usec 9\n"}, False),  # no processor quota is possible there
        ({}, False),
    ],
    ids=["cgroup v1", "cgroup v2", "cgroup v2 of the host", "a cgroup without a quota", "no cgroup"],
)
def test_the_shell_reads_the_counters_of_its_own_cgroup(
    tmp_path: Path, files: Mapping[str, str], counted: bool
) -> None:
    proc, cgroup = tmp_path / "proc", tmp_path / "cgroup"
    (proc / "self").mkdir(parents=True)
    (proc / "self" / "cgroup").write_text("3:cpu:/x\n0::/own\n" if "own/cpu.stat" in files else "0::/\n")
    (proc / "uptime").write_text("100.00 7.00\n")
    for name, text in files.items():
        (cgroup / name).parent.mkdir(parents=True, exist_ok=True)
        (cgroup / name).write_text(text)
    argv = busy_command(0.01, str(proc), str(cgroup))
    printed = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    before, _, after = printed.rpartition("uptime 100.00\n")
    assert after == ""
    found = read_counters(f"{before}uptime 100.50\n")  # a file is no clock
    assert found == (Processor(0.0, 0, 0.5) if counted else None)
