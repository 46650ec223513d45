"""``--rerun-inconclusive``: only what this machine was too busy to judge runs once more, alone."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from chaos.app.command_context import CommandContext
from chaos.app.reruns import rerun_undecided, undecided
from chaos.app.run_all import RunOptions, run_all
from chaos.app.run_service import RunBackend
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.app.stored_runs.stored import without_replaced
from chaos.app.stored_runs.verdicts import JudgedRun
from chaos.cli import main
from chaos.errors import ExitCode
from chaos.model.plan import Plan
from chaos.model.verdict import OUTCOME_EXIT, Outcome
from chaos.report import write_summary
from chaos.runner import RunPorts
from chaos.timeline.events import Phase
from chaos.timeline.recording import Recording
from chaos.verdict import judge
from tests.recording_builder import RecordingBuilder
from tests.runner_harness import RunnerHarness
from tests.service import KILL, backend, ports_of, toy_in


def recording(busy: bool) -> Recording:
    found = RecordingBuilder().steady().fault().phase(80, Phase.TEARDOWN).load(2, 80).clean()
    return (found.lagging(lag=2.0) if busy else found).end()


def ended(outcome: Outcome, busy: bool = True, folder: str = "first") -> RunOutcome:
    found = recording(busy)
    verdict = judge(found).model_copy(update={"outcome": outcome})
    return RunOutcome("toy", OUTCOME_EXIT[outcome], JudgedRun(Path(folder), found, verdict))


def context(cwd: Path) -> CommandContext:
    return CommandContext(out=io.StringIO(), err=io.StringIO(), env={}, cwd=cwd)


@dataclass
class Again:
    """Stands for the second runs, which all end with ``outcome``."""

    outcome: RunOutcome
    plans: list[tuple[int, str]] = field(default_factory=list)

    async def __call__(self, index: int, plan: Plan) -> RunOutcome:
        self.plans.append((index, plan.rerun_of))
        return self.outcome


@pytest.mark.parametrize(
    ("outcome", "busy", "again"),
    [
        (Outcome.INCONCLUSIVE, True, True),
        (Outcome.INCONCLUSIVE, False, False),
        (Outcome.FAIL, True, False),
        (Outcome.PASS, True, False),
        (Outcome.ABORTED, True, False),
    ],
)
def test_only_what_a_busy_machine_left_undecided_runs_again(
    outcome: Outcome, busy: bool, again: bool
) -> None:
    assert undecided(ended(outcome, busy)) is again


@pytest.mark.parametrize("code", [ExitCode.HARNESS, ExitCode.LEFT_DIRTY, ExitCode.INTERRUPTED])
def test_a_run_that_broke_does_not_run_again(code: ExitCode) -> None:
    judged = ended(Outcome.INCONCLUSIVE).judged
    assert not undecided(RunOutcome("toy", code, judged))
    assert not undecided(RunOutcome.nothing("toy", ExitCode.INCONCLUSIVE, "nothing to judge"))


@pytest.mark.parametrize("second", [Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE])
async def test_the_second_run_decides_whatever_it_says_and_there_is_no_third(
    tmp_path: Path, second: Outcome
) -> None:
    first = [ended(Outcome.PASS, folder="a"), ended(Outcome.INCONCLUSIVE, folder="b")]
    plans, again = [recording(False).plan] * 2, Again(ended(second, folder="c"))
    desk = context(tmp_path)
    assert await rerun_undecided(plans, first, again, desk) == [first[0], again.outcome]
    assert again.plans == [(1, "b")]
    assert "this machine was too busy to judge b" in desk.out.getvalue()  # type: ignore[attr-defined]


async def test_an_interrupted_rerun_replaces_no_verdict_and_ends_the_reruns(tmp_path: Path) -> None:
    first = [ended(Outcome.INCONCLUSIVE, folder="a"), ended(Outcome.INCONCLUSIVE, folder="b")]
    again = Again(RunOutcome.nothing("toy", ExitCode.INTERRUPTED, "interrupted", ()))
    found = await rerun_undecided([recording(False).plan] * 2, first, again, context(tmp_path))
    assert [one.judged for one in found] == [one.judged for one in first]
    assert [one.code for one in found] == [ExitCode.INTERRUPTED, ExitCode.INCONCLUSIVE]
    assert again.plans == [(0, "a")]


async def test_nothing_runs_again_after_an_interruption(tmp_path: Path) -> None:
    first = [ended(Outcome.INCONCLUSIVE), ended(Outcome.PASS).interrupted()]
    again = Again(ended(Outcome.PASS))
    assert await rerun_undecided([recording(False).plan] * 2, first, again, context(tmp_path)) == first
    assert again.plans == []


@dataclass
class Twice:
    """Runs a scenario that cannot be decided, of which a control run stands for one, and once more."""

    folder: Path
    shared: Any = None  # in place of the warm stacks
    heard: list[int] = field(default_factory=list)

    def began(self) -> None:
        return None

    def ended(self, index: int, outcome: RunOutcome) -> None:
        self.heard.append(index)

    async def run(self, options: RunOptions, monkeypatch: pytest.MonkeyPatch) -> RunOutcome:
        harnesses = [RunnerHarness(self.folder, KILL) for _ in range(2)]
        prepared = iter(harnesses)

        @asynccontextmanager
        async def ports(*given: Any) -> AsyncIterator[RunPorts]:
            async with ports_of(next(prepared))(*given) as opened:
                yield opened

        if self.shared is not None:
            self.shared.open_run_ports = ports
        monkeypatch.setattr("chaos.app.reruns.too_busy", lambda _: True)
        monkeypatch.setattr("chaos.app.run_all.warm_runs_on", lambda *_: self.shared)
        monkeypatch.setattr(RunBackend, "on", lambda _: backend(ports))
        toy = toy_in(self.folder).model_copy(update={"control": True})
        env = {"DOCKER_HOST": f"unix://{self.folder}/no.sock"}
        desk = CommandContext(out=io.StringIO(), err=io.StringIO(), env=env, cwd=self.folder)
        work = harnesses[1].run(run_all([toy], self.folder / "reports", options, desk, self))
        (done,) = await harnesses[0].run(work)
        return done


@dataclass
class Shared:
    """Stands for the warm stacks."""

    log: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def placed(self, plan: Plan) -> AsyncIterator[Plan]:
        self.log.append("run")
        yield plan

    async def close(self) -> None:
        self.log.append("close")


async def test_no_warm_stack_stands_beside_a_rerun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = Shared()
    await Twice(tmp_path, shared).run(RunOptions(2, warm=True, rerun=True), monkeypatch)
    assert shared.log == ["run", "close", "run", "close"]


@pytest.mark.parametrize("rerun", [True, False])
async def test_both_runs_are_kept_and_the_second_names_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rerun: bool
) -> None:
    twice, reports = Twice(tmp_path), tmp_path / "reports"
    done = await twice.run(RunOptions(2, rerun=rerun), monkeypatch)
    assert done.judged is not None
    folders = [path.parent for path in sorted(reports.glob("*/plan.json"))]
    second = done.judged.folder
    assert twice.heard == [0] * (2 if rerun else 1)
    if not rerun:
        assert folders == [second]
        return
    (first,) = [folder for folder in folders if folder != second]
    assert json.loads((second / "plan.json").read_text())["rerun_of"] == first.name
    assert "rerun_of" not in json.loads((first / "plan.json").read_text())
    assert without_replaced([first, second]) == [second]
    assert without_replaced([first]) == [first]


@pytest.mark.parametrize("plan", ["{", "[]", '{"rerun_of": 1}', '{"rerun_of": "../first"}', None])
def test_a_plan_that_names_no_folder_replaces_nothing(tmp_path: Path, plan: str | None) -> None:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    if plan is not None:
        (tmp_path / "second" / "plan.json").write_text(plan)
    both = [tmp_path / "first", tmp_path / "second"]
    assert without_replaced(both) == both


def test_a_plan_cannot_name_a_path_outside_the_reports() -> None:
    given = recording(False).plan.model_dump(mode="json") | {"rerun_of": "../elsewhere"}
    with pytest.raises(ValidationError, match="rerun_of"):
        Plan.model_validate(given)


def test_the_summary_links_the_run_that_was_replaced(tmp_path: Path) -> None:
    run = recording(False)
    object.__setattr__(run, "plan", run.plan.model_copy(update={"rerun_of": "20231114t221320Z-toy-abc123"}))
    paths = write_summary([(run, judge(run), tmp_path / "second")], tmp_path / "summary")
    texts = {path.name: path.read_text(encoding="utf-8") for path in paths}
    first = "../20231114t221320Z-toy-abc123/report.html"
    assert f'this machine was too busy to judge <a href="{first}">the first run</a>' in texts["index.html"]
    assert f"this machine was too busy to judge [the first run]({first})" in texts["summary.md"]
    assert json.loads(texts["summary.json"])["runs"][0]["rerun_of"] == "20231114t221320Z-toy-abc123"


def test_repeats_and_reruns_exclude_each_other(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    desk = CommandContext(out=io.StringIO(), err=io.StringIO(), env={}, cwd=root)
    words = ["run", "examples/counter/scenarios/redis-down.yaml", "--repeat", "2", "--rerun-inconclusive"]
    assert main([*words, "--reports", str(tmp_path / "reports")], desk) == ExitCode.BAD_INPUT
    assert "leave out one of the two" in desk.err.getvalue()  # type: ignore[attr-defined]
    assert not (tmp_path / "reports").exists()
