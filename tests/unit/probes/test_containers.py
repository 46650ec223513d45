import asyncio
from collections.abc import Mapping
from contextlib import suppress

from chaos.errors import ToolProblem
from chaos.ports import ContainerReading
from chaos.probes.containers import watch_containers
from chaos.timeline.events import ContainerState
from tests.fakes import ManualClock, world

States = dict[str, ContainerReading]


async def watch(
    states: States, clock: ManualClock, changes: Mapping[float, States]
) -> list[tuple[str, str, str]]:
    """The events of a watch while ``changes`` happen, each at its second; an empty one: engine gone."""
    written: list[ContainerState] = []
    now = states

    async def read_all() -> States:
        if not now:
            raise ToolProblem("no engine")
        return now

    watcher = asyncio.create_task(watch_containers(["web", "db"], read_all, written.append, clock, hz=5))
    for at, change in changes.items():
        await clock.advance(at - clock.mono())
        now = change
    await clock.advance(1.0)
    watcher.cancel()
    with suppress(asyncio.CancelledError):
        await watcher
    return [(event.service, event.state, event.health) for event in written]


UP = ContainerReading("running", "healthy")
FIRST = [("web", "running", "healthy"), ("db", "running", "healthy")]


async def test_the_first_reading_is_written_and_then_only_changes() -> None:
    assert await watch({"web": UP, "db": UP}, ManualClock(), {30.0: {"web": UP, "db": UP}}) == FIRST


async def test_state_and_health_are_changes_alike() -> None:
    events = await watch(
        {"web": UP, "db": UP},
        ManualClock(),
        {
            1.0: {"web": ContainerReading("running", "unhealthy"), "db": UP},
            2.0: {"web": UP, "db": ContainerReading("exited", "", 137)},
        },
    )
    assert events == [
        *FIRST,
        ("web", "running", "unhealthy"),
        ("web", "running", "healthy"),
        ("db", "exited", ""),
    ]


async def test_a_container_that_is_not_there_is_gone() -> None:
    assert await watch({"web": UP, "db": UP}, ManualClock(), {1.0: {"web": UP}}) == [
        *FIRST,
        ("db", "gone", ""),
    ]


async def test_an_engine_that_does_not_answer_leaves_them_unknown() -> None:
    events = await watch({"web": UP, "db": UP}, ManualClock(), {1.0: {}, 2.0: {"web": UP, "db": UP}})
    assert events == [*FIRST, ("web", "unknown", ""), ("db", "unknown", ""), *FIRST]


async def test_a_change_is_seen_within_a_fifth_of_a_second() -> None:
    clock, written = ManualClock(), list[ContainerState]()
    small = world(["clients->web"])

    async def read_all() -> States:
        return {"web": ContainerReading(small.states["web"])}

    watcher = asyncio.create_task(watch_containers(["web"], read_all, written.append, clock))
    await clock.advance(1.05)
    small.states["web"] = "exited"
    await clock.advance(0.2)
    watcher.cancel()
    assert [(event.state, round(event.mono, 2)) for event in written] == [("running", 0.0), ("exited", 1.2)]
