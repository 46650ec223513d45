"""What the container may use and does use, from its control group: the figures of the alert memory_usage."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

CONTROL_GROUP = Path("/sys/fs/cgroup")  # where the kernel shows it
# (limit, usage, statistics, the statistics' word for memory that can be given back), version 2 and version 1
LAYOUTS = (
    ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    (
        "memory/memory.limit_in_bytes",
        "memory/memory.usage_in_bytes",
        "memory/memory.stat",
        "total_inactive_file",
    ),
)
UNLIMITED = 1 << 60  # bytes; version 1 writes a huge number, version 2 the word max


@dataclass(frozen=True)
class Memory:
    """In bytes."""

    limit: int
    working_set: int  # what cannot be given back


def memory_of(groups: Path) -> Memory | None:
    """None: the container has no limit."""
    for limit_name, usage_name, statistics, reclaimable in LAYOUTS:
        try:
            limit = (groups / limit_name).read_text().strip()
            usage = int((groups / usage_name).read_text())
            lines = (groups / statistics).read_text().splitlines()
        except (OSError, ValueError):
            continue
        if limit == "max" or int(limit) >= UNLIMITED:
            return None
        free = sum(int(line.split()[1]) for line in lines if line.split()[0] == reclaimable)
        return Memory(int(limit), usage - free)
    return None


class ContainerLimits(Collector):
    """Exports a series only for a limit that exists: without one there is no share to compute."""

    def __init__(self, registry: CollectorRegistry, groups: Path, spool: Path | None) -> None:
        self._groups = groups
        self._spool = spool
        registry.register(self)

    def collect(self) -> list[GaugeMetricFamily]:
        return [*self._memory(), *self._disk()]

    def _memory(self) -> list[GaugeMetricFamily]:
        memory = memory_of(self._groups)
        if memory is None:
            return []
        return [
            GaugeMetricFamily("container_spec_memory_limit_bytes", "Memory it may use", memory.limit),
            GaugeMetricFamily(
                "container_memory_working_set_bytes", "Memory that cannot be reclaimed", memory.working_set
            ),
        ]

    def _disk(self) -> list[GaugeMetricFamily]:
        if self._spool is None or not self._spool.is_dir():
            return []
        disk = shutil.disk_usage(self._spool)
        return [
            GaugeMetricFamily("container_fs_limit_bytes", "Size of the spool", disk.total),
            GaugeMetricFamily("container_fs_usage_bytes", "Used on the spool", disk.total - disk.free),
        ]
