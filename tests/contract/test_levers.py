"""Levers: the same questions to the fake and to commands in a real container."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chaos.errors import ToolProblem
from chaos.ports import LeverPhase
from tests.contract.places import MARK, Engine, Place, engine, place_in_memory


@pytest.fixture(scope="module")
def containers() -> Iterator[Engine]:
    with engine() as opened:
        yield opened


@pytest.fixture(params=["memory", pytest.param("containers", marks=pytest.mark.containers)])
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == "memory":
        return place_in_memory()
    opened: Engine = request.getfixturevalue("containers")
    return opened.place()


async def holds(place: Place, phase: LeverPhase) -> bool:
    return (await place.levers.act(MARK, phase, {"status": 500})).holds is True


async def test_witness_and_readback_tell_pulled_from_not(place: Place) -> None:
    assert not await holds(place, LeverPhase.WITNESS)
    assert await holds(place, LeverPhase.READBACK)
    for _ in range(2):
        assert await holds(place, LeverPhase.INJECT)
        assert await holds(place, LeverPhase.WITNESS)
        assert not await holds(place, LeverPhase.READBACK)
    for _ in range(2):
        assert await holds(place, LeverPhase.REVERT)
        assert not await holds(place, LeverPhase.WITNESS)
        assert await holds(place, LeverPhase.READBACK)


@pytest.mark.containers
async def test_the_parameter_reaches_the_stack(containers: Engine) -> None:
    levers = containers.place().levers
    await levers.act(MARK, LeverPhase.INJECT, {"status": 418})
    assert not (await levers.act(MARK, LeverPhase.WITNESS, {"status": 500})).holds
    assert (await levers.act(MARK, LeverPhase.WITNESS, {"status": 418})).holds
    await levers.act(MARK, LeverPhase.REVERT, {})


@pytest.mark.containers
async def test_a_dead_service_fails_an_action_and_answers_no_question(containers: Engine) -> None:
    place = containers.place()
    await place.containers.kill("cache")
    try:
        for phase in (LeverPhase.INJECT, LeverPhase.REVERT):
            with pytest.raises(ToolProblem, match=f"lever {MARK}, {phase.value}: "):
                await place.levers.act(MARK, phase, {})
        for phase in (LeverPhase.WITNESS, LeverPhase.READBACK):
            assert not (await place.levers.act(MARK, phase, {})).holds
    finally:
        await place.containers.start("cache")
