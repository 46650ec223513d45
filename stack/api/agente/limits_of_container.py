"""What the container may use and does use, from its control group: the figures of the alert memory_usage."""

from __future__ import annotations

import shutil
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

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


class ContainerLimits(Collector):
    """Exports a series only for a limit that exists: without one there is no share to compute."""

    def __init__(self, registry: CollectorRegistry, groups: Path, spool: Path | None) -> None:
        """`groups`: where the kernel shows the control group, /sys/fs/cgroup."""
        self._groups = groups
        self._spool = spool
        registry.register(self)

    def collect(self) -> list[GaugeMetricFamily]:
        return [*self._memory(), *self._disk()]

    def _memory(self) -> list[GaugeMetricFamily]:
        for limit_name, usage_name, statistics, reclaimable in LAYOUTS:
            try:
                limit = (self._groups / limit_name).read_text().strip()
                usage = int((self._groups / usage_name).read_text())
                lines = (self._groups / statistics).read_text().splitlines()
            except (OSError, ValueError):
                continue
            if limit == "max" or int(limit) >= UNLIMITED:
                return []
            free = sum(int(line.split()[1]) for line in lines if line.split()[0] == reclaimable)
            return [
                GaugeMetricFamily("container_spec_memory_limit_bytes", "Memory it may use", int(limit)),
                GaugeMetricFamily(
                    "container_memory_working_set_bytes", "Memory that cannot be reclaimed", usage - free
                ),
            ]
        return []

    def _disk(self) -> list[GaugeMetricFamily]:
        if self._spool is None or not self._spool.is_dir():
            return []
        disk = shutil.disk_usage(self._spool)
        return [
            GaugeMetricFamily("container_fs_limit_bytes", "Size of the spool", disk.total),
            GaugeMetricFamily("container_fs_usage_bytes", "Used on the spool", disk.total - disk.free),
        ]
