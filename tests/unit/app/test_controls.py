"""A control run measures what the results of the run after it stand on, and never passes by itself."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from chaos.app.command_context import CommandContext
from chaos.app.controls import refuse_without_faults, run_beside_control
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.app.stored_runs.verdicts import JudgedRun
from chaos.errors import BadInput, ExitCode
from chaos.model.plan import Plan
from chaos.model.verdict import Outcome
from chaos.report.noise import noise
from chaos.timeline.events import Phase
from chaos.verdict import judge
from tests.recording_builder import RecordingBuilder


def control_recording() -> RecordingBuilder:
    """No fault between 20 and 44; the load answers in 40 ms, and one of 480 requests is not served."""
    found = RecordingBuilder().steady().phase(10, Phase.TIMELINE).phase(44, Phase.RECOVERY)
    found.phase(80, Phase.TEARDOWN)
    found.load(2, 30, latency=0.04).load(30, 30.05, status=503).load(30.05, 80, latency=0.04)
    return found.probe(2, 80).clean()


def run_recording() -> RecordingBuilder:
    found = RecordingBuilder().steady().fault().phase(80, Phase.TEARDOWN)
    return found.load(2, 20, latency=0.04).load(20, 44, status=503, latency=0.2).load(44, 80).clean()


class Runs:
    """Stands for the service: hands out the recordings, and keeps the plans that it was given."""

    def __init__(self, tmp_path: Path, control_code: ExitCode = ExitCode.INCONCLUSIVE) -> None:
        self.plans: list[Plan] = []
        self._path = tmp_path
        self._code = control_code

    async def __call__(self, plan: Plan) -> RunOutcome:
        self.plans.append(plan)
        if plan.control and self._code is ExitCode.INTERRUPTED:
            return RunOutcome.nothing(plan.scenario.scenario, self._code, "interrupted")
        recording = (control_recording() if plan.control else run_recording()).end()
        code = self._code if plan.control else ExitCode.PASS
        judged = JudgedRun(self._path, recording, judge(recording), True)
        return RunOutcome(plan.scenario.scenario, code, judged)


def context(tmp_path: Path) -> CommandContext:
    return CommandContext(out=io.StringIO(), err=io.StringIO(), env={}, cwd=tmp_path)


async def test_the_control_runs_first_and_the_plan_after_it_holds_what_it_measured(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    outcome = await run_beside_control(run_recording().end().plan, runs, context(tmp_path))
    assert [plan.control for plan in runs.plans] == [True, False]
    assert outcome.code is ExitCode.PASS, "the verdict of the control is not one of the scenario"
    floor = runs.plans[1].noise_floor
    assert floor is not None
    assert floor.p95 == pytest.approx(0.04)
    assert floor.not_served == pytest.approx(1 / floor.requests)
    assert "no faults: a control run" in runs.plans[0].changes, "so no trend and no proof counts it"
    assert runs.plans[1].changes == ()


@pytest.mark.parametrize("code", [ExitCode.HARNESS, ExitCode.LEFT_DIRTY])
async def test_a_control_that_breaks_counts(tmp_path: Path, code: ExitCode) -> None:
    outcome = await run_beside_control(run_recording().end().plan, Runs(tmp_path, code), context(tmp_path))
    assert outcome.code is code


async def test_after_an_interruption_the_run_itself_does_not_begin(tmp_path: Path) -> None:
    runs = Runs(tmp_path, ExitCode.INTERRUPTED)
    outcome = await run_beside_control(run_recording().end().plan, runs, context(tmp_path))
    assert len(runs.plans) == 1
    assert outcome.code is ExitCode.INTERRUPTED


def test_a_control_run_is_never_a_pass() -> None:
    recording = control_recording().end()
    object.__setattr__(recording, "plan", recording.plan.model_copy(update={"control": True}))
    assert judge(recording).outcome is Outcome.INCONCLUSIVE


def test_the_report_has_the_noise_floor_beside_the_results(tmp_path: Path) -> None:
    recording = run_recording().end()
    found = noise(recording)
    assert found is not None
    rows = {row.measure: row for row in found.rows}
    assert (rows["p95"].control, rows["p95"].before, rows["p95"].during) == ("not run", "40 ms", "200 ms")
    assert rows["not served"].during == "100.0%"
    assert noise(control_recording().end()) is None


def test_a_scenario_without_faults_has_no_control() -> None:
    plan = run_recording().end().plan
    refuse_without_faults([plan])
    with pytest.raises(BadInput, match="this scenario has no fault"):
        refuse_without_faults([plan.model_copy(update={"steps": ()})])
