"""The fault in force, and how it is ordered: ``{"mode": "leak", "megabytes_per_second": 10}``."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from agente.levers.burn import Burn
from agente.levers.burst import Burst
from agente.levers.leak import Leak, resident

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
    up_to_megabytes: float = Field(default=247, gt=0)  # what the process may hold then; below the limit


class BurnOrder(_Order):
    mode: Literal[Mode.BURN]
    share: float = Field(default=0.95, gt=0, le=1)


class ErrorsOrder(_Order):
    mode: Literal[Mode.ERRORS]
    share: float = Field(default=0.25, gt=0, le=1)


Order = Annotated[LeakOrder | BurnOrder | ErrorsOrder, Field(discriminator="mode")]


class Levers:
    """One order at a time; a new one ends the one before."""

    def __init__(self) -> None:
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
        """By the clock and not by the number of ticks: on a busy machine a tick takes longer."""
        loop = asyncio.get_running_loop()
        last = loop.time()
        while resident() < order.up_to_megabytes * MEGABYTE:
            await asyncio.sleep(TICK)
            last, before = loop.time(), last
            self._leak.keep(int(order.megabytes_per_second * MEGABYTE * (last - before)))
