"""Damage to containers: the same questions to the fake and to a real engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from chaos.adapters.containers import DockerContainers
from chaos.adapters.engine_connection import connect
from chaos.errors import ToolProblem
from tests.contract.places import Engine, Place, engine, place_in_memory
from tests.engines import here


@pytest.fixture(scope="module")
def containers() -> Iterator[Engine]:
    with engine() as opened:
        yield opened


@pytest.fixture(params=["memory", pytest.param("containers", marks=pytest.mark.containers)])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    if request.param == "memory":
        yield place_in_memory()
        return
    opened = request.getfixturevalue("containers").place()
    yield opened
    await opened.containers.unpause("web")
    await opened.containers.start("web")


async def state(place: Place) -> str:
    return (await place.containers.reading("web")).state


async def test_kill_and_start_are_idempotent(place: Place) -> None:
    for _ in range(2):
        await place.containers.kill("web")
        reading = await place.containers.reading("web")
        assert (reading.state, reading.exit_code) == ("exited", 137)
    for _ in range(2):
        await place.containers.start("web")
        reading = await place.containers.reading("web")
        assert (reading.state, reading.exit_code) == ("running", None)


async def test_stop_and_start_are_idempotent(place: Place) -> None:
    for _ in range(2):
        await place.containers.stop("web", 1.0)
        assert await state(place) == "exited"
    await place.containers.start("web")
    assert await state(place) == "running"


async def test_pause_and_unpause_are_idempotent(place: Place) -> None:
    for _ in range(2):
        await place.containers.pause("web")
        assert await state(place) == "paused"
    for _ in range(2):
        await place.containers.unpause("web")
        assert await state(place) == "running"


async def test_a_paused_container_can_be_killed(place: Place) -> None:
    await place.containers.pause("web")
    await place.containers.kill("web")
    assert await state(place) == "exited"
    await place.containers.unpause("web")
    assert await state(place) == "exited"


async def test_what_does_not_run_cannot_be_paused(place: Place) -> None:
    await place.containers.kill("web")
    with pytest.raises(ToolProblem, match="pause web"):
        await place.containers.pause("web")


async def test_an_unknown_service_is_gone_and_cannot_be_hit(place: Place) -> None:
    assert (await place.containers.reading("unknown")).state == "gone"
    for change in (
        place.containers.kill("unknown"),
        place.containers.start("unknown"),
        place.containers.pause("unknown"),
        place.containers.stop("unknown", 1.0),
        place.containers.unpause("unknown"),
    ):
        with pytest.raises(ToolProblem, match="unknown"):
            await change


@pytest.mark.containers
async def test_the_containers_of_another_run_are_out_of_reach(containers: Engine) -> None:
    stranger = DockerContainers("another-run", containers.client)
    assert (await stranger.reading("web")).state == "gone"
    with pytest.raises(ToolProblem, match="never touches"):
        await stranger.kill("web")
    assert (await containers.place().containers.reading("web")).state == "running"


@pytest.mark.containers
async def test_commands_run_inside_the_container(containers: Engine) -> None:
    inside = DockerContainers(containers.run_id, containers.client)
    done = await inside.execute("web", ["sh", "-c", "echo out; echo err >&2; exit 3"], 10)
    assert (done.exit_code, done.stdout, done.stderr) == (3, b"out\n", b"err\n")
    assert sorted(done.printed_text.split()) == ["err", "out"]
    absent = await inside.execute("web", ["no-such-program"], 10)
    assert absent.exit_code != 0
    assert "no-such-program" in absent.printed_text


@pytest.mark.containers
async def test_a_command_may_take_longer_than_one_call_to_the_engine(containers: Engine) -> None:
    inside = DockerContainers(containers.run_id, connect(here(), timeout=2))
    done = await inside.execute("web", ["sh", "-c", "sleep 4.5; echo done"], 20)
    assert (done.exit_code, done.stdout) == (0, b"done\n")
    with pytest.raises(ToolProblem, match="within 1 s"):
        await inside.execute("web", ["sleep", "3"], 1)
