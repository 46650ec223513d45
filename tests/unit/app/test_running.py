"""One run, from an empty folder to its reports: what breaks on the way, and what is kept of it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn, cast

import pytest

from chaos.app import running
from chaos.app.running import Done, _run_one
from chaos.app.world import World
from chaos.errors import EnvironmentProblem, ExitCode, ToolProblem
from chaos.faults.container_kill import ContainerKill
from chaos.journal import JournalWriter, RunFolder
from chaos.model.plan import Plan
from chaos.model.verdict import Outcome
from chaos.ports import Containers
from chaos.report import Broken
from chaos.runner import Needs
from chaos.timeline.events import FaultReverted
from tests.stage import Stage, plan

KILL = ContainerKill.model_validate({"at": "2s", "for": "10s", "fault": "container.kill", "service": "cache"})


@pytest.mark.parametrize(
    ("file", "said", "unsaid"),
    [
        ("toy.yaml", "RuntimeError: a slip\ngameday: toy: this is a defect of gameday itself", "mend:"),
        ("gone.yaml", "gameday: toy: scenario and plan cannot be kept in", "Traceback"),
    ],
    ids=["a slip of ours", "a file that is gone"],
)
async def test_whatever_breaks_one_run_is_told_and_leaves_the_others_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, said: str, unsaid: str
) -> None:
    (tmp_path / "toy.yaml").write_text("scenario: toy\n", encoding="utf-8")
    toy = plan(KILL)
    toy = toy.model_copy(update={"source": toy.source.model_copy(update={"file": str(tmp_path / file)})})

    def slip(*_: object) -> None:
        raise RuntimeError("a slip")

    monkeypatch.setattr(running, "run_needs", slip)
    err = io.StringIO()
    world = World(out=io.StringIO(), err=err, env={}, cwd=tmp_path)
    nobody = cast(Any, None)
    display = cast(Any, type("Display", (), {"show": None}))
    done = await _run_one(toy, tmp_path / "reports", nobody, display, world)
    assert done.code is ExitCode.HARNESS
    assert said in err.getvalue()
    assert unsaid not in err.getvalue()


def toy_in(tmp_path: Path) -> Plan:
    """The toy's plan with a file of its own."""
    file = tmp_path / "toy.yaml"
    file.write_text("scenario: toy\n", encoding="utf-8")
    toy = plan(KILL)
    return toy.model_copy(update={"source": toy.source.model_copy(update={"file": str(file)})})


@dataclass
class Desk:
    """Runs the toy as ``gameday run`` does, handing it what ``prepare`` makes."""

    folder: Path
    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)

    def run(self, toy: Plan) -> Coroutine[Any, Any, Done]:
        world = World(out=self.out, err=self.err, env={}, cwd=self.folder)
        nobody, display = cast(Any, None), cast(Any, type("Display", (), {"show": None}))
        return _run_one(toy, self.folder / "reports", nobody, display, world)

    def runs(self) -> list[Path]:
        return list((self.folder / "reports").iterdir())


async def test_a_run_that_cannot_be_prepared_leaves_an_error_and_no_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(*_: object) -> NoReturn:
        raise EnvironmentProblem("port 8000 is in use", "end what listens there")

    monkeypatch.setattr(running, "run_needs", taken)
    desk = Desk(tmp_path)
    done = await desk.run(toy_in(tmp_path))
    why = "port 8000 is in use\n  mend: end what listens there"
    assert done == Done(ExitCode.HARNESS, None, Broken(scenario="toy", detail=why))
    assert desk.err.getvalue() == "gameday: toy: port 8000 is in use\n  mend: end what listens there\n"
    assert desk.out.getvalue() == ""
    assert desk.runs() == []


async def test_no_secret_is_told_where_the_words_of_an_error_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy = toy_in(tmp_path)
    stack = toy.stack.model_copy(update={"redact": ["PASSWORD"]})
    toy = toy.model_copy(update={"stack": stack, "env": {"cache": {"PASSWORD": "hush-hush"}}})

    def broken(*_: object) -> NoReturn:
        raise EnvironmentProblem("nobody lets hush-hush in")

    def slip(*_: object) -> NoReturn:
        raise RuntimeError("hush-hush")

    for run_needs in (broken, slip):
        monkeypatch.setattr(running, "run_needs", run_needs)
        desk = Desk(tmp_path)
        done = await desk.run(toy)
        assert "[redacted]" in desk.err.getvalue()
        assert "hush" not in f"{desk.err.getvalue()}{done}"


async def test_an_interrupted_preparation_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = asyncio.Event()

    @asynccontextmanager
    async def waiting(*_: object) -> AsyncIterator[Needs]:
        began.set()
        await asyncio.get_running_loop().create_future()
        yield Stage(tmp_path, KILL).needs()

    monkeypatch.setattr(running, "run_needs", waiting)
    desk = Desk(tmp_path)
    task = asyncio.ensure_future(desk.run(toy_in(tmp_path)))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert desk.runs() == []


async def test_a_reports_folder_that_cannot_be_written_costs_that_run_only(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file", encoding="utf-8")
    desk = Desk(tmp_path)
    done = await desk.run(toy_in(tmp_path))
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
    stage = Stage(tmp_path, KILL)

    async def gone() -> Any:
        raise EnvironmentProblem("no Docker engine answers", "start it")

    @asynccontextmanager
    async def needs(plan: Plan, folder: RunFolder, *_: object) -> AsyncIterator[Needs]:
        given = stage.needs()
        containers = cast(Containers, _Gone(given.bench.containers, stage.world.log))
        monkeypatch.setattr(stage.stack, "down", gone)
        monkeypatch.setattr(stage.stack, "left_over", gone)
        with JournalWriter(folder.journal) as journal:
            yield replace(
                given, folder=folder, journal=journal, bench=replace(given.bench, containers=containers)
            )

    monkeypatch.setattr(running, "run_needs", needs)
    desk = Desk(tmp_path)
    done = await stage.run(desk.run(toy_in(tmp_path)))
    assert done.code is ExitCode.LEFT_DIRTY
    told = desk.err.getvalue()
    assert "LEFT DIRTY: container.kill cache: ToolProblem: the engine could not" in told
    assert "the stack could not be removed: no Docker engine answers" in told
    assert "nobody could look what is left" in told
    assert "mend: gameday clean" in told
    assert "Traceback" not in told
    assert stage.cleared == 0
    assert done.judged is not None
    assert done.judged.verdict.outcome is Outcome.ABORTED
    assert [event.ok for event in done.judged.recording.of(FaultReverted)] == [False]
    assert (done.judged.folder / "report.html").stat().st_size > 0
