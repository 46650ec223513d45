"""Every kind of fault takes effect, and is undone, in memory and on real containers alike."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chaos.kinds import Fault
from chaos.timeline.events import Measurement
from tests.contract.baselines import baseline
from tests.contract.places import Engine, Place, engine, place_in_memory
from tests.contract.undoing import read_back, undo
from tests.unit.faults.examples import OF_A_STACK, UNDOABLE, name_of, read

DEADLINE = 10.0  # seconds within which an effect must show or be gone
# What a loss destroys only a restore brings back: see test_storage.py.
# What needs more than single containers: see test_faults_of_a_stack.py.
every_example = pytest.mark.parametrize(
    "example", [one for one in UNDOABLE if one["fault"] not in OF_A_STACK], ids=name_of
)


@pytest.fixture(scope="module")
def containers() -> Iterator[Engine]:
    with engine() as opened:
        opened.add_postgres()
        yield opened


@pytest.fixture(params=["memory", pytest.param("containers", marks=pytest.mark.containers)])
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == "memory":
        return place_in_memory()
    opened: Engine = request.getfixturevalue("containers")
    return opened.place()


@every_example
async def test_takes_effect_while_in_place_and_not_after(example: dict[str, object], place: Place) -> None:
    fault = read(**example)
    before = await served(fault, place)
    try:
        await fault.inject(place.fault_context)
        await until(fault, before, place, took_effect=True)
        assert not await read_back(fault, place.fault_context)
    finally:
        await undo(fault, place.fault_context)
    await until(fault, before, place, took_effect=False)


@every_example
async def test_undoing_twice_or_for_nothing_is_fine(example: dict[str, object], place: Place) -> None:
    fault = read(**example)
    before = await served(fault, place)
    await undo(fault, place.fault_context)
    await fault.inject(place.fault_context)
    await undo(fault, place.fault_context)
    await undo(fault, place.fault_context)
    await until(fault, before, place, took_effect=False)


@every_example
async def test_injecting_twice_is_undone_by_one_undo(example: dict[str, object], place: Place) -> None:
    fault = read(**example)
    before = await served(fault, place)
    await fault.inject(place.fault_context)
    await fault.inject(place.fault_context)
    await undo(fault, place.fault_context)
    await until(fault, before, place, took_effect=False)


async def served(fault: Fault, place: Place) -> Measurement:
    """The baseline, as a run measures it, once the service answers: the test before may just have started it
    again.
    """
    link = (await place.links.round_trip(place.links.leading_to("cache")[0])).outcome
    deadline = place.clock.mono() + DEADLINE
    while link != "answered":
        assert place.clock.mono() < deadline, f"cache does not answer before the fault: {link}"
        await place.clock.sleep(0.05)
        link = (await place.links.round_trip(place.links.leading_to("cache")[0])).outcome
    return await baseline(fault, place.fault_context)


async def until(fault: Fault, before: Measurement, place: Place, *, took_effect: bool) -> None:
    deadline = place.clock.mono() + DEADLINE
    while fault.took_effect(before, now := await fault.measure(place.fault_context)) is not took_effect:
        assert place.clock.mono() < deadline, f"took_effect should be {took_effect}: {now} beside {before}"
        await place.clock.sleep(0.05)
