import asyncio
from collections.abc import Mapping
from contextlib import suppress

from chaos.errors import ToolProblem
from chaos.ports import ContainerReading
from chaos.probes.containers import watch_containers
from chaos.timeline.events import ContainerState
from chaos.timeline.observations import ContainersRead
from tests.fakes import ManualClock, fake_deployment
from tests.written import only

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

    watcher = asyncio.create_task(
        watch_containers(["web", "db"], read_all, only(ContainerState, written), clock, hz=5)
    )
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
    small = fake_deployment(["clients->web"])

    async def read_all() -> States:
        return {"web": ContainerReading(small.states["web"])}

    watcher = asyncio.create_task(watch_containers(["web"], read_all, only(ContainerState, written), clock))
    await clock.advance(1.05)
    small.states["web"] = "exited"
    await clock.advance(0.2)
    watcher.cancel()
    assert [(event.state, round(event.mono, 2)) for event in written] == [("running", 0.0), ("exited", 1.2)]


async def tallies(
    answers: Mapping[int, bool], takes: float = 0.0, seconds: float = 4.05
) -> list[ContainersRead]:
    """What is counted of looks, five a second, of which those of the numbers given get no answer."""
    clock, written, number = ManualClock(), list[ContainersRead](), 0

    async def read_all() -> States:
        nonlocal number
        number += 1
        await clock.sleep(takes)
        if not answers.get(number, True):
            raise ToolProblem("no engine")
        return {"web": UP}

    write = only(ContainersRead, written)
    watcher = asyncio.create_task(watch_containers(["web"], read_all, write, clock, hz=5))
    await clock.advance(seconds)
    watcher.cancel()
    return written


async def test_looks_are_counted_even_where_nothing_changes() -> None:
    found = await tallies({})
    assert [(tally.reads, tally.failed) for tally in found] == [(6, 0), (5, 0), (5, 0), (5, 0)]
    assert {round(tally.longest_gap, 3) for tally in found} == {0.2}
    assert {tally.every for tally in found} == {0.2}


async def test_an_engine_that_does_not_answer_is_a_gap_without_looks() -> None:
    found = await tallies(dict.fromkeys(range(7, 17), False))
    assert [(tally.reads, tally.failed) for tally in found] == [(6, 0), (0, 5), (0, 5), (5, 0)]
    assert [round(tally.longest_gap, 3) for tally in found] == [0.2, 1.0, 2.0, 2.2]


async def test_the_slowest_answer_of_the_engine_is_kept() -> None:
    assert {round(tally.slowest, 3) for tally in await tallies({}, takes=0.15)} == {0.15}
