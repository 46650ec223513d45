"""Kills a process without the engine, so that the engine restarts the container by its restart policy."""

from __future__ import annotations

import asyncio
from enum import StrEnum

from chaos.faults._container import LINK, STATE, still_served
from chaos.model.container_states import DOWN, ContainerStatus
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement

RESTARTS = "restarted"
KEPT = "kept"
WATCHED = 3.0  # real seconds that one measurement waits for a restart; the engine first waits 0.1 s
PAUSE = 2.0  # real seconds from one kill to the next
LOOK_EVERY = 0.1


class RestartBy(StrEnum):
    """Who starts a killed container again."""

    UNDO = "undo"
    ENGINE = "engine"


async def inject(service: str, context: FaultContext) -> None:
    """Kill the process now, and again after each restart while the fault holds."""

    async def crash() -> None:
        if (await context.containers.reading(service)).state == ContainerStatus.RUNNING:
            await context.containers.crash(service)

    await context.repeats.start(_loop(service), PAUSE, crash)


async def revert(service: str, context: FaultContext) -> None:
    await context.repeats.stop(_loop(service))
    if (await context.containers.reading(service)).state != ContainerStatus.RESTARTING:
        await context.containers.start(service)


async def reverted(service: str, context: FaultContext) -> bool:
    running = (await context.containers.reading(service)).state == ContainerStatus.RUNNING
    return running and not context.repeats.running(_loop(service))


async def measure(service: str, context: FaultContext) -> Measurement:
    """Does the engine start the container within ``WATCHED``, and does a connection over each link last?"""
    context.repeats.running(_loop(service))  # raises if the loop failed: that is an error of gameday
    first = reading = await context.containers.reading(service)
    until = context.clock.mono() + WATCHED
    links = context.links.leading_to(service)
    kept = await asyncio.gather(*(context.links.lasts(link, WATCHED) for link in links))
    while reading.started == first.started and context.clock.mono() < until:
        await context.clock.sleep(LOOK_EVERY)
        reading = await context.containers.reading(service)
    values: dict[str, str | float | bool | None] = {
        RESTARTS: reading.started != first.started,
        STATE: reading.state,
    }
    values |= {f"{LINK}{link}": KEPT if one else "ended" for link, one in zip(links, kept, strict=True)}
    return Measurement(subject=f"container {service}", values=values)


def took_effect(before: Measurement, now: Measurement) -> bool:
    """It kept running before; now it is down or was started again, and no connection that lasted does now."""
    steady = before.values[RESTARTS] is False and before.values[STATE] not in DOWN
    crashed = now.values[RESTARTS] is True or now.values[STATE] in DOWN
    return steady and crashed and not still_served(before, now, (KEPT,))


def _loop(service: str) -> str:
    return f"crashes of {service}"
