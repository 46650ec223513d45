"""One run, from an empty folder to its reports: what breaks on the way, and what is kept of it."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn, cast

import pytest

from chaos.app.command_context import CommandContext
from chaos.app.run_all import RunOptions, run_all, say_outcome
from chaos.app.run_service import RunBackend
from chaos.app.runs import proven
from chaos.app.stored_runs import debrief
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.app.stored_runs.verdicts import JudgedRun, judge_folder, store_verdict
from chaos.errors import EnvironmentProblem, ExitCode, ToolProblem
from chaos.model.plan import Plan
from chaos.model.verdict import Evidence, Outcome
from chaos.ports import Containers
from chaos.report import BrokenRun
from chaos.runner import RunPorts
from chaos.timeline.events import Event, FaultInjected, FaultReverted, RunEnded
from tests.runner_harness import RunnerHarness
from tests.service import KILL, backend, ports_of, run_toy, toy_in
from tests.unit.journal.test_place import FOLDER_IS_GONE, JOURNAL_IS_WRONG

Ports = Callable[..., AbstractAsyncContextManager[RunPorts]]


@dataclass
class Desk:
    """Runs the toy as ``gameday run`` does, handing it what ``open_ports`` makes."""

    folder: Path
    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)

    def context(self) -> CommandContext:
        return CommandContext(
            out=self.out, err=self.err, env={"DOCKER_HOST": f"unix://{self.folder}/no.sock"}, cwd=self.folder
        )

    async def run(self, toy: Plan, open_ports: Ports) -> RunOutcome:
        outcome = await run_toy(toy, self.folder / "reports", open_ports)
        say_outcome(outcome, self.context())
        return outcome

    def runs(self) -> list[Path]:
        return list((self.folder / "reports").iterdir())


def taken(*_: object) -> NoReturn:
    raise EnvironmentProblem("port 8000 is in use", "end what listens there")


@pytest.mark.parametrize(
    ("file", "said", "unsaid"),
    [
        ("toy.yaml", "RuntimeError: a slip\n\ngameday: toy: this is a defect of gameday itself", "fix:"),
        ("gone.yaml", "gameday: toy: cannot read the scenario", "Traceback"),
    ],
    ids=["a slip of ours", "a file that is gone"],
)
async def test_whatever_breaks_one_run_is_reported_and_leaves_the_others_alone(
    tmp_path: Path, file: str, said: str, unsaid: str
) -> None:
    toy = toy_in(tmp_path)
    toy = toy.model_copy(update={"source": toy.source.model_copy(update={"file": str(tmp_path / file)})})

    def slip(*_: object) -> NoReturn:
        raise RuntimeError("a slip")

    desk = Desk(tmp_path)
    done = await desk.run(toy, slip)
    assert done.code is ExitCode.HARNESS
    assert said in desk.err.getvalue()
    assert unsaid not in desk.err.getvalue()


async def test_a_run_that_cannot_be_prepared_leaves_an_error_and_no_report(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    done = await desk.run(toy_in(tmp_path), taken)
    why = "port 8000 is in use\n  fix: end what listens there"
    assert (done.code, done.judged) == (ExitCode.HARNESS, None)
    assert done.broken == BrokenRun(scenario="toy", detail=why)
    assert desk.err.getvalue() == f"gameday: toy: {why}\n"
    assert desk.out.getvalue() == ""
    assert desk.runs() == []


async def test_no_secret_is_reported_where_the_words_of_an_error_are(tmp_path: Path) -> None:
    toy = toy_in(tmp_path)
    stack = toy.stack.model_copy(update={"redact": ["PASSWORD"]})
    toy = toy.model_copy(update={"stack": stack, "env": {"cache": {"PASSWORD": "hush-hush"}}})

    def broken(*_: object) -> NoReturn:
        raise EnvironmentProblem("hush-hush was refused")

    def slip(*_: object) -> NoReturn:
        raise RuntimeError("hush-hush")

    for open_ports in (broken, slip):
        desk = Desk(tmp_path)
        done = await desk.run(toy, open_ports)
        assert "[redacted]" in desk.err.getvalue()
        assert "hush" not in f"{desk.err.getvalue()}{done}"


async def test_an_interrupted_preparation_leaves_no_folder(tmp_path: Path) -> None:
    began = asyncio.Event()

    @asynccontextmanager
    async def waiting(*_: object) -> AsyncIterator[RunPorts]:
        began.set()
        await asyncio.get_running_loop().create_future()
        yield RunnerHarness(tmp_path, KILL).needs()

    desk = Desk(tmp_path)
    task = asyncio.ensure_future(desk.run(toy_in(tmp_path), waiting))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert desk.runs() == []


@dataclass
class Listener:
    heard: list[object] = field(default_factory=list)

    def began(self) -> None:
        self.heard.append("began")

    def ended(self, index: int, outcome: RunOutcome) -> None:
        self.heard.append((index, outcome.code))


async def test_a_listener_hears_of_the_beginning_and_of_the_end_of_each_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy, desk, listener = toy_in(tmp_path), Desk(tmp_path), Listener()
    monkeypatch.setattr(RunBackend, "on", lambda _: backend(taken))
    await run_all([toy, toy], tmp_path / "reports", RunOptions(1), desk.context(), listener)
    assert listener.heard == ["began", (0, ExitCode.HARNESS), (1, ExitCode.HARNESS)]


async def test_a_listener_hears_nothing_where_there_is_no_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def absent() -> None:
        raise EnvironmentProblem("no engine", "start it")

    toy, desk, listener = toy_in(tmp_path), Desk(tmp_path), Listener()
    monkeypatch.setattr(RunBackend, "on", lambda _: replace(backend(taken), check_engine=absent))
    with pytest.raises(EnvironmentProblem):
        await run_all([toy], tmp_path / "reports", RunOptions(1), desk.context(), listener)
    assert listener.heard == []
    assert not (tmp_path / "reports").exists()


async def test_a_reports_folder_that_cannot_be_written_costs_that_run_only(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file", encoding="utf-8")
    desk = Desk(tmp_path)
    done = await desk.run(toy_in(tmp_path), taken)
    assert (done.code, done.judged) == (ExitCode.HARNESS, None)
    assert done.broken is not None
    assert "cannot write a run folder" in done.broken.detail
    assert "cannot write a run folder" in desk.err.getvalue()


class _Gone:
    """Containers of an engine that went away at the kill."""

    def __init__(self, inner: Containers, log: list[str]) -> None:
        self._inner = inner
        self._log = log

    def __getattr__(self, name: str) -> Any:
        if "kill cache" not in self._log:
            return getattr(self._inner, name)

        async def unanswered(*_: object, **__: object) -> None:
            raise ToolProblem(f"the engine could not {name}: it is gone")

        return unanswered


async def test_an_engine_that_goes_away_is_exit_code_five_and_the_recording_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = RunnerHarness(tmp_path, KILL)

    async def gone() -> Any:
        raise EnvironmentProblem("no Docker engine answers", "start it")

    def without_engine(needs: RunPorts) -> RunPorts:
        containers = cast(Containers, _Gone(needs.context.containers, harness.deployment.log))
        monkeypatch.setattr(harness.stack, "down", gone)
        monkeypatch.setattr(harness.stack, "left_over", gone)
        return replace(needs, context=replace(needs.context, containers=containers))

    desk = Desk(tmp_path)
    done = await harness.run(desk.run(toy_in(tmp_path), ports_of(harness, without_engine)))
    assert done.code is ExitCode.LEFT_DIRTY
    printed = desk.err.getvalue()
    assert (
        "LEFT DIRTY: container.kill cache: not undone within 20 s; at last ToolProblem: the engine" in printed
    )
    assert "the stack could not be removed: no Docker engine answers" in printed
    assert "unknown what is left" in printed
    assert "fix: gameday clean" in printed
    assert "Traceback" not in printed
    assert harness.cleared == 0
    assert done.judged is not None
    assert done.judged.verdict.outcome is Outcome.ABORTED
    assert [event.ok for event in done.judged.recording.of(FaultReverted)] == [False]
    assert (done.judged.folder / "report.html").stat().st_size > 0


@dataclass
class _Sink:
    """The run's journal; ``happens`` is called on the run folder once an event of ``kind`` was written."""

    inner: Any
    kind: type[Any]
    happens: Callable[[Path], None]
    run: Path
    done: bool = False

    def write(self, event: Event) -> None:
        self.inner.write(event)
        if isinstance(event, self.kind) and not self.done:
            self.done = True
            self.happens(self.run)


async def _toy_while(
    tmp_path: Path, kind: type[Any], happens: Callable[[Path], None]
) -> tuple[Desk, RunOutcome]:
    harness, desk = RunnerHarness(tmp_path, KILL), Desk(tmp_path)

    def watched(needs: RunPorts) -> RunPorts:
        return replace(needs, journal=_Sink(needs.journal, kind, happens, needs.folder.path))

    return desk, await harness.run(desk.run(toy_in(tmp_path), ports_of(harness, watched)))


async def test_a_run_that_went_well_is_what_its_folder_says_when_it_is_read_again(tmp_path: Path) -> None:
    desk, done = await _toy_while(tmp_path, RunEnded, lambda _: None)
    assert done.judged is not None
    assert done.proof is not None
    assert done.proof.verdict() == done.judged.verdict
    assert done.judged.verdict.outcome is Outcome.PASS, done.judged.verdict.reason
    assert (done.code, done.messages) == (ExitCode.PASS, ())
    assert proven(done.code, ["toy"], [done], [], desk.context()) is ExitCode.PASS


def plan_deleted(run: Path) -> None:
    (run / "plan.json").unlink()


def plan_changed(run: Path) -> None:
    (run / "plan.json").write_text((run / "plan.json").read_text() + " ")


def plan_replaced_by_a_folder(run: Path) -> None:
    (run / "plan.json").unlink()
    (run / "plan.json").mkdir()


def scenario_deleted(run: Path) -> None:
    (run / "scenario.yaml").unlink()


def verdict_blocked(run: Path) -> None:
    (run / "verdict.json").mkdir()


def report_blocked(run: Path) -> None:
    (run / "report.html").mkdir()


def manifest_blocked(run: Path) -> None:
    (run / "manifest.json").mkdir()


ONE_FILE_IS_WRONG = (
    plan_deleted,
    plan_changed,
    plan_replaced_by_a_folder,
    scenario_deleted,
    verdict_blocked,
    report_blocked,
    manifest_blocked,
)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", [FaultInjected, RunEnded])
@pytest.mark.parametrize("happens", [*FOLDER_IS_GONE, *JOURNAL_IS_WRONG, *ONE_FILE_IS_WRONG])
async def test_a_run_whose_folder_is_tampered_with_is_a_failure_of_the_harness_with_a_message(
    tmp_path: Path, kind: type[Any], happens: Callable[[Path], None]
) -> None:
    desk, done = await _toy_while(tmp_path, kind, happens)
    assert done.code is ExitCode.HARNESS
    assert "gameday: toy: " in desk.err.getvalue()
    assert "Traceback" not in desk.err.getvalue()


def metrics_lost(run: Path) -> None:
    (run / "metrics.json").unlink()


def verdict_lost(run: Path) -> None:
    (run / "verdict.json").unlink()


def verdict_forged(run: Path) -> None:
    verdict = json.loads((run / "verdict.json").read_text())
    (run / "verdict.json").write_text(json.dumps(verdict | {"reason": "all is well"}))


def report_emptied(run: Path) -> None:
    (run / "report.html").write_text("")


def seal_lost(run: Path) -> None:
    (run / "manifest.json").unlink()


@pytest.mark.parametrize(
    "happens", [shutil.rmtree, metrics_lost, verdict_lost, verdict_forged, report_emptied, seal_lost]
)
async def test_a_folder_that_is_lost_after_its_run_is_no_success_either(
    tmp_path: Path, happens: Callable[[Path], None]
) -> None:
    """As when a later run of the same command, or somebody beside it, empties the reports folder."""
    desk, done = await _toy_while(tmp_path, RunEnded, lambda _: None)
    assert done.judged is not None
    happens(done.judged.folder)
    assert proven(done.code, ["toy"], [done], [], desk.context()) is ExitCode.HARNESS
    assert "was changed after gameday wrote it" in desk.err.getvalue()


async def test_a_scenario_that_was_asked_for_and_has_no_verdict_is_no_success(tmp_path: Path) -> None:
    desk, done = await _toy_while(tmp_path, RunEnded, lambda _: None)
    for asked, outcomes in ((["toy", "other"], [done]), (["toy"], []), ([], []), (["toy", "toy"], [done])):
        assert proven(ExitCode.PASS, asked, outcomes, [], desk.context()) is ExitCode.HARNESS
        assert "no PASS verdict found on the disk" in desk.err.getvalue()


async def test_a_figure_that_the_verdict_file_rounds_makes_no_other_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judged_finely(folder: Path) -> JudgedRun:
        found = judge_folder(folder)
        first, *others = found.verdict.checks
        finer = first.model_copy(update={"evidence": (Evidence(text="a fact", at=1 / 3),)})
        fine = replace(found, verdict=found.verdict.model_copy(update={"checks": (finer, *others)}))
        store_verdict(fine)
        return fine

    monkeypatch.setattr(debrief, "judge_folder", judged_finely)
    _, done = await _toy_while(tmp_path, RunEnded, lambda _: None)
    assert (done.code, done.messages) == (ExitCode.PASS, ())
