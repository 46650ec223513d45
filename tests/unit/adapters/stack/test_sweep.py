"""Removing a run: everything of it, nothing else, again until it is gone."""

from __future__ import annotations

import time
from typing import Any, cast

import pytest

from chaos.adapters.stack import leftovers, sweep
from chaos.adapters.stack.owner import current_owner
from chaos.adapters.stack.sweep import (
    UNSETTLED_PAUSE,
    LabelledResources,
    belongings,
    quiet_pause,
    remove_run,
)
from chaos.engine import EngineAddress
from chaos.errors import EnvironmentProblem, UndoFailed
from tests.unit.adapters.stack.fake_engine import FakeEngine, refusal

pytestmark = pytest.mark.thorough

DEAD = "1:0:" + current_owner().machine


def gone(engine: FakeEngine, run: str, rounds: int = 1, within: float = 5.0) -> LabelledResources:
    return remove_run(cast(Any, engine), run, within, rounds, pause=0.001)


def test_containers_go_first_then_networks_then_volumes() -> None:
    engine = FakeEngine(r1=DEAD)
    assert not gone(engine, "r1")
    assert sorted(engine.removed[:2]) == ["r1-a", "r1-b"]
    assert engine.removed[2:] == ["r1_n", "r1_v"]


def test_another_run_is_not_touched() -> None:
    engine = FakeEngine(r1=DEAD, r2=DEAD)
    gone(engine, "r1")
    assert belongings(cast(Any, engine), "r2").names() == ("r2-a", "r2-b", "r2_n", "r2_v")


def test_removing_nothing_is_no_error() -> None:
    assert not gone(FakeEngine(), "r1")


def test_what_a_start_under_way_still_creates_goes_too() -> None:
    engine = FakeEngine(r1=DEAD)
    engine.latecomers = {3: ("r1", "r1-late")}
    assert not gone(engine, "r1", rounds=3)
    assert "r1-late" in engine.removed


@pytest.mark.parametrize(("look", "pause"), [(0.005, UNSETTLED_PAUSE), (0.05, 2.0), (0.07, 2.8), (5.0, 3.0)])
def test_a_slow_engine_gets_longer_to_create_what_it_had_begun(look: float, pause: float) -> None:
    assert quiet_pause(UNSETTLED_PAUSE, look) == pytest.approx(pause)


def test_the_pause_after_a_quiet_look_grows_with_the_slowest_one(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, clock, slept = FakeEngine(), [0.0], list[float]()
    takes = [0.05, 0.01, 0.01]

    def listing(*_: object, **__: object) -> LabelledResources:
        clock[0] += takes.pop(0)
        return LabelledResources()

    monkeypatch.setattr(sweep, "belongings", listing)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(time, "sleep", slept.append)
    assert not remove_run(cast(Any, engine), "r1", 20.0, 3, UNSETTLED_PAUSE)
    assert slept == [pytest.approx(2.0), pytest.approx(2.0)]


@pytest.mark.parametrize("code", [403, 404, 409, 500])
def test_a_refusal_is_no_end_of_it(code: int) -> None:
    engine = FakeEngine(r1=DEAD)
    engine.refuses = {"r1_n": [refusal(code)], "r1-a": [refusal(code)]}
    assert not gone(engine, "r1")
    assert "r1_n" in engine.removed


def test_what_cannot_be_removed_is_reported_when_time_is_over() -> None:
    engine = FakeEngine(r1=DEAD)
    engine.refuses = {"r1_v": [refusal(409) for _ in range(10_000)]}
    assert gone(engine, "r1", within=0.05) == LabelledResources(volumes=("r1_v",))


def test_a_container_that_stays_does_not_keep_the_next_from_going() -> None:
    engine = FakeEngine(r1=DEAD)
    engine.refuses = {"r1-a": [refusal(500) for _ in range(10_000)]}
    assert "r1-a" in gone(engine, "r1", within=0.01).containers
    assert "r1-b" in engine.removed


def test_an_engine_that_stays_away_is_an_error() -> None:
    engine = FakeEngine(r1=DEAD)

    def no_answer(**_: object) -> list[object]:
        raise ConnectionRefusedError

    engine.containers = no_answer  # type: ignore[assignment]
    with pytest.raises(EnvironmentProblem):
        gone(engine, "r1", within=0.01)


def test_runs_are_found_with_the_state_of_their_harness() -> None:
    engine = FakeEngine(dead=DEAD, living=str(current_owner()), odd="no owner")
    found = {run.run_id: run.alive for run in leftovers.find_runs(cast(Any, engine))}
    assert found == {"dead": False, "living": True, "odd": True}


@pytest.mark.parametrize("label", [DEAD, "", "²:1:m", "9" * 5000])
@pytest.mark.parametrize("name", ["r1-a", "r1_n", "r1_v"])
def test_a_living_run_is_not_cleaned_because_something_carries_a_false_label(
    monkeypatch: pytest.MonkeyPatch, name: str, label: str
) -> None:
    engine = FakeEngine(r1=str(current_owner()))
    engine.labels = {name: {"gameday.owner": label}}
    monkeypatch.setattr(leftovers, "connect", lambda _: engine)
    assert leftovers.clean(EngineAddress()) == ()
    assert engine.removed == []


def test_what_another_machine_left_is_cleaned_once_its_lease_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine(theirs="12:34:elsewhere/1/1", odd="no owner")
    monkeypatch.setattr(leftovers, "connect", lambda _: engine)
    every = ("theirs-a", "theirs-b", "theirs_n", "theirs_v", "odd-a", "odd-b", "odd_n", "odd_v")
    engine.labels = {name: {"gameday.lease": f"0-{time.time() + 3600:.0f}"} for name in every}
    assert leftovers.clean(EngineAddress()) == ()
    engine.labels |= {name: {"gameday.lease": f"0-{time.time() - 1:.0f}"} for name in every[:-1]}
    assert [run.run_id for run in leftovers.clean(EngineAddress())] == ["theirs"], "odd_v may be in use"


def test_cleaning_takes_the_dead_only_unless_asked_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine(dead=DEAD, living=str(current_owner()))
    monkeypatch.setattr(leftovers, "connect", lambda _: engine)
    assert [run.run_id for run in leftovers.clean(EngineAddress())] == ["dead"]
    assert leftovers.clean(EngineAddress()) == ()
    assert [run.run_id for run in leftovers.clean(EngineAddress(), everything=True)] == ["living"]


def test_cleaning_that_fails_is_loud(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine(dead=DEAD)
    engine.refuses = {"dead_v": [refusal(409) for _ in range(10_000)]}
    monkeypatch.setattr(leftovers, "connect", lambda _: engine)
    with pytest.raises(UndoFailed, match="dead_v"):
        leftovers.clean(EngineAddress(), within=0.05)
