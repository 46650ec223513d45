"""The ``Limits`` port over the Docker SDK: processor quota and memory limit of a container."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import docker

from chaos.adapters.containers import DockerContainers
from chaos.cancellation import uninterrupted
from chaos.errors import ToolProblem
from chaos.model.container_states import ContainerStatus
from chaos.ports import Processor, ProcessorQuota

PERIOD = 100_000  # microseconds; the kernel's default period of a quota
FILLER_SECONDS = 12.0  # real seconds until a limit of some hundred MiB is reached; seen: 1 s
COMMAND_SECONDS = 10.0  # real seconds for a command in addition to its working time

# A process may raise its own score without privileges. It makes the kernel kill the main process, not the
# filler.
_EXHAUST = "echo 1000 > /proc/1/oom_score_adj && exec tail /dev/zero"

# Reads the counters of its own cgroup before and after it was busy. Read through the engine, they would also
# cover the time that the engine takes for each call and for the start of the command: on a slow machine more
# than the busy half second, by an unknown amount. The shell reads the files itself: another process
# would cost a container with a small quota whole periods. The clock comes first and last, so the time is
# never shorter than that between the counters. cgroup v2 has all counters in one file, v1 has two.
_BUSY = """
clock() { read -r at _ < "$proc/uptime" && echo "uptime $at"; }
lines() { while read -r name value; do echo "$name $value"; done < "$1"; }
counters() {
    if [ -r "$cgroup$own/cpu.stat" ]; then lines "$cgroup$own/cpu.stat"; else
        [ -r "$cgroup/cpu/cpu.stat" ] && lines "$cgroup/cpu/cpu.stat"
        [ -r "$cgroup/cpuacct/cpuacct.usage" ] && read -r value < "$cgroup/cpuacct/cpuacct.usage" &&
            echo "usage_nsec $value"
    fi
}
proc=$2 cgroup=$3 own=
while IFS=: read -r number _ path; do [ "$number" = 0 ] && own=$path; done < "$proc/self/cgroup"
clock; counters
timeout "$1" sh -c "while :; do :; done"
counters; clock
"""
_PLACES = ("/proc", "/sys/fs/cgroup")
_THROTTLED = "nr_throttled"
_USED = {"usage_usec": 1e-6, "usage_nsec": 1e-9}  # counter -> its unit in seconds


class DockerLimits:
    """Limits of the containers of one run. Needs ``sh``, ``tail`` and ``timeout`` in the container."""

    def __init__(self, containers: DockerContainers, engine: docker.DockerClient) -> None:
        self._containers = containers
        self._api = engine.api
        self._fillers: dict[str, str] = {}  # service -> the command that fills its memory

    async def quota(self, service: str) -> ProcessorQuota:
        return await self._containers.inspect(service, "read the processor quota of", _quota)

    async def set_quota(self, service: str, quota: ProcessorQuota) -> None:
        await self._containers.change(
            service, "set the processor quota of", lambda found: self._update(found, quota)
        )

    async def limit_cpus(self, service: str, cpus: float) -> None:
        def change(found: Mapping[str, Any]) -> None:
            # The engine refuses a quota together with NanoCpus, so this keeps the unit in use.
            if _quota(found).nano:
                self._update(found, ProcessorQuota(nano=round(cpus * 1e9)))
            else:
                self._update(found, ProcessorQuota(quota=round(cpus * PERIOD), period=PERIOD))

        await self._containers.change(service, "set the processor quota of", change)

    def _update(self, found: Mapping[str, Any], wanted: ProcessorQuota) -> None:
        if _quota(found) == wanted:
            return
        # The SDK's own call drops a value of 0, so it cannot remove a quota.
        quota = {"CpuPeriod": wanted.period or PERIOD, "CpuQuota": wanted.quota or -1}
        body = {"NanoCpus": wanted.nano} if wanted.nano else quota
        url = self._api._url("/containers/{0}/update", found["Id"])
        self._api._raise_for_status(self._api._post_json(url, data=body))

    async def use_processor(self, service: str, seconds: float) -> Processor:
        counted = await self._use_processor(service, seconds)
        return counted or await self._by_engine(service, seconds)

    async def _use_processor(self, service: str, seconds: float) -> Processor | None:
        """None if the container cannot read its own counters."""
        argv = busy_command(seconds, *_PLACES)
        output = await self._containers.execute(service, argv, seconds + COMMAND_SECONDS)
        return read_counters(output.stdout.decode(errors="replace"))

    async def _by_engine(self, service: str, seconds: float) -> Processor:
        """For a container that has no access to its cgroup. The time includes that of the engine's calls."""
        began = time.monotonic()
        before = await self._counted(service)
        await self._use_processor(service, seconds)
        used, throttled = await self._counted(service)
        return Processor(used - before[0], throttled - before[1], time.monotonic() - began)

    async def exhaust_memory(self, service: str) -> None:
        limit = await self._containers.inspect(
            service, "read the memory limit of", lambda found: int(found["HostConfig"].get("Memory") or 0)
        )
        if not limit:
            raise ToolProblem(
                f"{service} has no memory limit, so filling its memory would fill the host's; "
                "set mem_limit in the compose file"
            )
        if (
            service not in self._fillers
            and (await self._containers.reading(service)).state == ContainerStatus.RUNNING
        ):
            await uninterrupted(self._launch_filler(service))
        await self._filler_ends(service)

    async def _launch_filler(self, service: str) -> None:
        """As one piece of work: a filler that is not recorded would kill the process that the undo starts."""
        self._fillers[service] = await self._containers.launch(service, ["sh", "-c", _EXHAUST], user="0")

    async def end_exhaustion(self, service: str) -> None:
        await self._filler_ends(service)
        self._fillers.pop(service, None)

    async def _filler_ends(self, service: str) -> None:
        job = self._fillers.get(service)
        try:
            async with asyncio.timeout(FILLER_SECONDS):
                while job is not None:
                    if not await self._containers.runs(job):
                        break
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise ToolProblem(
                f"the memory of {service} did not reach its limit within {FILLER_SECONDS:g} s"
            ) from None

    async def _counted(self, service: str) -> tuple[float, int]:
        """Seconds of processor time and throttled periods since the container started."""

        def read(found: Mapping[str, Any]) -> tuple[float, int]:
            stats = self._api.stats(found["Id"], stream=False, one_shot=True).get("cpu_stats", {})
            if "throttling_data" not in stats:
                raise ToolProblem(f"cannot read the CPU time of {service}: its container is not running")
            throttled = int(stats["throttling_data"].get("throttled_periods", 0))
            return stats["cpu_usage"]["total_usage"] / 1e9, throttled

        return await self._containers.inspect(service, "read the processor time of", read)


def busy_command(seconds: float, proc: str, cgroup: str) -> list[str]:
    """Keeps a processor busy for ``seconds`` real seconds and prints counters for ``read_counters``.

    ``proc``, ``cgroup``: where these two file systems are mounted.
    """
    return ["sh", "-c", _BUSY, "sh", f"{seconds:g}", proc, cgroup]


def read_counters(output: str) -> Processor | None:
    """What was counted between the two readings that ``busy_command`` printed. None: it could not read all
    counters twice.
    """
    found: dict[str, list[float]] = {}
    for line in output.splitlines():
        name, _, value = line.partition(" ")
        with suppress(ValueError):
            found.setdefault("usage" if name in _USED else name, []).append(
                float(value) * _USED.get(name, 1.0)
            )
    clock, usage, throttled = (found.get(name, []) for name in ("uptime", "usage", _THROTTLED))
    if not len(clock) == len(usage) == len(throttled) == 2 or clock[1] <= clock[0]:
        return None
    return Processor(usage[1] - usage[0], round(throttled[1] - throttled[0]), clock[1] - clock[0])


def _quota(found: Mapping[str, Any]) -> ProcessorQuota:
    host = found["HostConfig"]
    nano, quota, period = (int(host.get(name) or 0) for name in ("NanoCpus", "CpuQuota", "CpuPeriod"))
    if nano:
        return ProcessorQuota(nano=nano)
    # The engine keeps -1 where a quota was removed, and cannot remove a period.
    return ProcessorQuota(quota=max(quota, 0), period=period or PERIOD)
