"""The load beside a run: it is started, watched, stopped, and must not outlive the run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from chaos.errors import ToolProblem, UndoFailed
from chaos.faults.container_kill import ContainerKill
from chaos.model.plan import Plan
from chaos.model.scenario import Load
from chaos.model.stack import LoadProfile
from chaos.runner import Runner, RunPorts
from chaos.timeline.clock import ClockReading
from tests.fakes import ManualClock
from tests.runner_harness import RunnerHarness

pytestmark = pytest.mark.thorough

SERVED: Mapping[str, object] = {"served": True, "degraded": None, "latency": 0.1}
PROFILE = LoadProfile.model_validate({"entry": "clients->web", "requests": [{"request": "GET /"}]})


@dataclass
class FakeLoad:
    """``answer``: what every request got. ``hangs``: every one of so many gets none, and is not written down.
    ``lag``: seconds until an answer is there. ``dead``: why it ended by itself. ``stays``: nothing ends it.
    """

    clock: ManualClock
    answer: Mapping[str, object] = field(default_factory=lambda: SERVED)
    hangs: int | None = None
    lag: float = 0.0
    dead: str = ""
    stays: bool = False
    stopped: int = 0
    patience: float | None = None
    answering: asyncio.Task[None] | None = None

    async def start(self, profile: LoadProfile, rate: float, out: Path, max_seconds: float) -> None:
        now, self.patience = self.clock.mono(), profile.timeout
        lines = [
            json.dumps({"intended_mono": now + n / rate, **self.answer})
            for n in range(int(max_seconds * rate))
            if self.hangs is None or n % self.hangs
        ]
        if self.lag:
            self.answering = asyncio.ensure_future(self._answer(lines, rate, out))
        else:
            out.write_text("\n".join(lines) + "\n", encoding="utf-8")

    async def _answer(self, lines: list[str], rate: float, out: Path) -> None:
        await self.clock.sleep(self.lag)
        with out.open("a", encoding="utf-8") as stream:
            for line in lines:
                stream.write(line + "\n")
                stream.flush()
                await self.clock.sleep(1 / rate)

    async def stop(self) -> int:
        self.stopped += 1
        if self.answering is not None:
            self.answering.cancel()
        return 7

    def left_over(self) -> tuple[str, ...]:
        return ("load worker 4711",) if self.stays else ()

    def first(self) -> ClockReading | None:
        return ClockReading(self.clock.wall(), self.clock.mono())

    def recorded(self) -> int | None:
        return None

    def waiting(self) -> int | None:
        return None

    def died(self) -> str:
        return self.dead

    def detail(self) -> str:
        return ""


def loaded(tmp_path: Path) -> tuple[RunnerHarness, FakeLoad, Plan, RunPorts]:
    kill = ContainerKill.model_validate(
        {"at": "2s", "for": "10s", "fault": "container.kill", "service": "cache"}
    )
    harness = RunnerHarness(tmp_path, kill)
    load = FakeLoad(harness.clock)
    plan = harness.plan.model_copy(
        update={
            "scenario": harness.plan.scenario.model_copy(update={"load": Load(profile="users")}),
            "stack": harness.plan.stack.model_copy(update={"load": {"users": PROFILE}}),
        }
    )
    return harness, load, plan, replace(harness.needs(), load=load)


async def test_it_runs_from_the_steady_state_to_the_teardown(tmp_path: Path) -> None:
    harness, load, plan, needs = loaded(tmp_path)
    await harness.clock.run(Runner(plan, needs).run())
    kinds = harness.journal.kinds()
    assert kinds.index("load_started") < kinds.index("fault_intended") < kinds.index("load_stopped")
    assert [event.sent for event in harness.journal.of("load_stopped")] == [7]
    assert [event.names() for event in harness.journal.of("left_over")] == [()]
    assert load.stopped == 1


@pytest.mark.parametrize(("given", "patience"), [(None, 10.0), (25.0, 25.0)])
async def test_it_waits_for_an_answer_as_long_as_the_scenario_says(
    tmp_path: Path, given: float | None, patience: float
) -> None:
    harness, load, plan, needs = loaded(tmp_path)
    asked = Load(profile="users").model_copy(update={"timeout": given})
    plan = plan.model_copy(update={"scenario": plan.scenario.model_copy(update={"load": asked})})
    await harness.clock.run(Runner(plan, needs).run())
    (started,) = harness.journal.of("load_started")
    assert (load.patience, started.patience) == (patience, patience)
    assert started.first_mono is not None


class Mortal(FakeLoad):
    """It ends when its time is over; clients are served for the first eight seconds only."""

    until = 0.0

    async def start(self, profile: LoadProfile, rate: float, out: Path, max_seconds: float) -> None:
        began, self.until = self.clock.mono(), self.clock.mono() + max_seconds
        lines = (
            json.dumps({**SERVED, "intended_mono": began + n / rate, "served": n / rate < 8.0})
            for n in range(int(max_seconds * rate))
        )
        out.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def died(self) -> str:
        return "" if self.clock.mono() < self.until else "its time was over"


async def test_it_outlasts_a_system_that_does_not_recover(tmp_path: Path) -> None:
    harness, _, plan, needs = loaded(tmp_path)
    plan = plan.model_copy(update={"recovery_limit": 200.0})
    await harness.clock.run(Runner(plan, replace(needs, load=Mortal(harness.clock))).run())
    before, after = harness.journal.of("steady_state")
    assert (before.held, after.held) == (True, False)
    assert after.at - before.at > 200.0


async def test_a_load_that_is_not_served_injects_nothing(tmp_path: Path) -> None:
    harness, load, plan, needs = loaded(tmp_path)
    load.answer = {"served": False, "degraded": None, "latency": 0.1}
    await harness.clock.run(Runner(plan, needs).run())
    (steady,) = harness.journal.of("steady_state")
    assert not steady.held
    assert "0.0% of the load served well, 60 of 60 requests answered" in steady.failing
    assert "kill cache" not in harness.deployment.log


async def test_a_load_of_which_a_part_hangs_is_no_steady_state(tmp_path: Path) -> None:
    harness, load, plan, needs = loaded(tmp_path)
    load.hangs = 5
    await harness.clock.run(Runner(plan, needs).run())
    (steady,) = harness.journal.of("steady_state")
    assert not steady.held
    assert "100.0% of the load served well, 48 of 60 requests answered" in steady.failing
    assert "kill cache" not in harness.deployment.log


@pytest.mark.parametrize(("hangs", "lag"), [(30, 0.0), (None, 0.8)], ids=["a few hang", "all take a while"])
async def test_a_request_that_was_just_sent_may_still_be_answered(
    tmp_path: Path, hangs: int | None, lag: float
) -> None:
    harness, load, plan, needs = loaded(tmp_path)
    load.hangs, load.lag = hangs, lag
    await harness.clock.run(Runner(plan, needs).run())
    assert [event.held for event in harness.journal.of("steady_state")] == [True, True]


async def test_a_load_that_dies_ends_the_run_and_says_why(tmp_path: Path) -> None:
    harness, load, plan, needs = loaded(tmp_path)
    load.dead = "exit 1"
    with pytest.raises(ToolProblem, match="the load generator ended unexpectedly: exit 1"):
        await harness.clock.run(Runner(plan, needs).run())
    assert [event.detail for event in harness.journal.of("load_stopped")] == ["exit 1"]
    assert "down" in harness.deployment.log


async def test_a_worker_that_outlives_the_run_is_left_behind(tmp_path: Path) -> None:
    harness, load, plan, needs = loaded(tmp_path)
    load.stays = True
    with pytest.raises(UndoFailed, match="still there: load worker 4711"):
        await harness.clock.run(Runner(plan, needs).run())
    assert [event.processes for event in harness.journal.of("left_over")] == [("load worker 4711",)]
    assert harness.cleared == 0
