"""The fault in force, and how it is ordered: ``{"mode": "leak", "megabytes_per_second": 10}``."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from agente.levers.burn import Burn
from agente.levers.burst import Burst
from agente.levers.leak import Leak, resident
from agente.limits_of_container import CONTROL_GROUP, memory_of

TICK = 0.1  # seconds between two portions of a leak
MEGABYTE = 1 << 20


class Mode(StrEnum):
    NONE = "none"
    LEAK = "leak"
    BURN = "burn"
    ERRORS = "errors"


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LeakOrder(_Order):
    mode: Literal[Mode.LEAK]
    megabytes_per_second: float = Field(default=10, gt=0, le=1000)
    up_to_megabytes: float = Field(default=243, gt=0)  # the container's working set then; 95 % of its limit


class BurnOrder(_Order):
    mode: Literal[Mode.BURN]
    share: float = Field(default=0.95, gt=0, le=1)


class ErrorsOrder(_Order):
    mode: Literal[Mode.ERRORS]
    share: float = Field(default=0.25, gt=0, le=1)


Order = Annotated[LeakOrder | BurnOrder | ErrorsOrder, Field(discriminator="mode")]


class Levers:
    """One order at a time; a new one ends the one before."""

    def __init__(self, groups: Path = CONTROL_GROUP) -> None:
        self._groups = groups
        self.burst = Burst()
        self._leak = Leak()
        self._burn = Burn()
        self._leaking: asyncio.Task[None] | None = None
        self.order: LeakOrder | BurnOrder | ErrorsOrder | None = None

    def set(self, order: LeakOrder | BurnOrder | ErrorsOrder) -> None:
        self.clear()
        self.order = order
        match order:
            case LeakOrder():
                self._leaking = asyncio.create_task(self._grow(order))
            case BurnOrder():
                self._burn.start(order.share)
            case ErrorsOrder():
                self.burst.share = order.share

    def clear(self) -> None:
        """All is as before; what leaked is given back."""
        if self._leaking is not None:
            self._leaking.cancel()
            self._leaking = None
        self._burn.stop()
        self.burst.share = 0.0
        self._leak.clear()
        self.order = None

    def as_json(self) -> dict[str, object]:
        return {"mode": Mode.NONE} if self.order is None else self.order.model_dump()

    async def _grow(self, order: LeakOrder) -> None:
        """By the clock and not by the number of ticks: on a busy machine a tick takes longer. Never beyond
        what was ordered: a late tick could reach the limit, and the kernel would end the process."""
        loop = asyncio.get_running_loop()
        last = loop.time()
        while (left := int(order.up_to_megabytes * MEGABYTE) - self._held()) > 0:
            await asyncio.sleep(TICK)
            last, before = loop.time(), last
            self._leak.keep(min(left, int(order.megabytes_per_second * MEGABYTE * (last - before))))

    def _held(self) -> int:
        """Bytes, as memory_usage counts them. What the process itself holds includes pages of libraries that
        the kernel charges to whichever container read them first: the alert would stay at its threshold."""
        memory = memory_of(self._groups)
        return resident() if memory is None else memory.working_set
