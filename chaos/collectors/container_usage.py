"""What a container uses of memory or processor time."""

from __future__ import annotations

from typing import Literal

from chaos.collector import Answer, Collector
from chaos.sources import Sources


class ContainerUsage(Collector):
    """Memory (bytes) or processor time (seconds since its start) of a service's container, once a second."""

    collector: Literal["container.usage"] = "container.usage"
    service: str
    of: Literal["memory", "cpu"]
    at_most: float | None = None  # bytes or seconds; a reading above it is not ok

    async def read(self, sources: Sources) -> Answer:
        """``value`` is the figure."""
        usage = await sources.containers.usage(self.service)
        value = float(usage.memory_bytes) if self.of == "memory" else usage.cpu_seconds
        if self.at_most is not None and value > self.at_most:
            return Answer(False, value=value, detail=f"{self.of} {value:g}, at most {self.at_most:g}")
        return Answer(True, value=value)
