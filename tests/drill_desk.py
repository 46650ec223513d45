"""Somebody who types ``gameday drill`` and whose runs end as a test says."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from chaos.app.command_context import CommandContext
from chaos.app.drills import drill
from chaos.app.drills import parts as drill_parts
from chaos.app.run_all import RunsListener
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.app.stored_runs.verdicts import JudgedRun
from chaos.cli import main
from chaos.drill import StoredDrill, read_drill
from chaos.errors import RecordingProblem
from chaos.model.plan import Plan
from tests.drills import RESTORE, Case, hygiene, part_of, plan_of, recovered, walked

LOSS = plan_of("database-loss", RESTORE)
SITE_LOSS = plan_of("site-loss", RESTORE)
GOOD = Case(LOSS, (hygiene(), recovered(40.0), walked(RESTORE, 1, 2, 3, 4, 5)))


class Killed(BaseException):
    """Stands for SIGKILL: nothing handles it."""


@dataclass
class Desk:
    """Somebody whose runs end as ``done`` says, and who finds stored ones in ``stored``."""

    folder: Path
    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)
    asked: list[str] = field(default_factory=list)
    stored: dict[str, JudgedRun] = field(default_factory=dict)

    def type(self, *words: object) -> int:
        return self.run("drill", *words)

    def run(self, *words: object) -> int:
        """Any command of gameday."""
        context = CommandContext(out=self.out, err=self.err, env={}, cwd=self.folder)
        return main([*map(str, words)], context)

    def judged(self, case: Case) -> JudgedRun:
        """As if it had been run: its folder is there, with nothing in it."""
        part = part_of(case, self.folder / "reports")
        assert part.judged is not None
        part.judged.folder.mkdir(parents=True)
        made = JudgedRun(part.judged.folder, part.judged.recording, part.judged.verdict)
        self.stored[made.folder.name] = made
        return made

    def drills(self) -> list[Path]:
        return sorted((self.folder / "reports").glob("*-drill-*"), key=lambda path: path.stat().st_mtime_ns)

    def report(self) -> StoredDrill:
        return read_drill((self.drills()[-1] / "drill.json").read_bytes())

    def ends(
        self, monkeypatch: pytest.MonkeyPatch, plans: Sequence[Plan], done: Sequence[RunOutcome]
    ) -> None:
        """Lets the next drill ask for these plans and end like this."""

        def planned(selectors: Sequence[str], *_: object) -> Sequence[Plan]:
            self.asked[:] = selectors
            return plans

        monkeypatch.setattr(drill, "plans_of", planned)
        monkeypatch.setattr(drill, "run_all", ending(done))


def ending(
    done: Sequence[RunOutcome], killed_after: int | None = None
) -> Callable[..., Awaitable[Sequence[RunOutcome]]]:
    """A ``run_all`` whose runs end like this; gameday is killed after so many of them."""

    async def run_all(plans: Sequence[Plan], *more: object) -> Sequence[RunOutcome]:
        assert len(plans) == len(done)
        listener = cast(RunsListener, more[-1])
        listener.began()
        for index, outcome in enumerate(done):
            if index == killed_after:
                raise Killed
            listener.ended(index, outcome)
        return done

    return run_all


def desk_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk(folder)

    def judge(folder: Path) -> JudgedRun:
        if folder.name not in made.stored or not folder.exists():
            raise RecordingProblem(f"{folder.name}: not a run folder")
        return made.stored[folder.name]

    monkeypatch.setattr(drill_parts, "judge_folder", judge)
    return made
