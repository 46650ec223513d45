"""A drill that is killed can be resumed: drill.json says from the first scenario on what was asked."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from chaos.app.drills import drill
from chaos.app.drills import report as drill_report
from chaos.app.drills import resume as drill_resume
from chaos.app.drills.parts import NOT_ENDED
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.errors import ExitCode
from chaos.evidence import Reason, SealState, verify
from chaos.model.plan import Plan
from tests.drill_desk import GOOD, LOSS, SITE_LOSS, Desk, Killed, desk_in, ending
from tests.service import passed

HOLD = """
import fcntl, os, sys
handle = os.open(sys.argv[1], os.O_RDONLY)
fcntl.flock(handle, fcntl.LOCK_EX)
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return desk_in(tmp_path, monkeypatch)


@pytest.fixture
def plans(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """Two scenarios, of files of their own; planned again they are the same."""
    made = []
    for plan in (LOSS, SITE_LOSS):
        file = desk.folder / f"{plan.scenario.scenario}.yaml"
        file.touch()
        source = plan.source.model_copy(update={"file": str(file)})
        made.append(plan.model_copy(update={"source": source}))
    known = {plan.source.file: plan for plan in made}
    monkeypatch.setattr(drill, "plans_of", lambda *_: made)
    monkeypatch.setattr(drill_resume, "plans_of", lambda files, *_: [known[file] for file in files])
    return made


@pytest.fixture
def done(desk: Desk, plans: list[Plan]) -> list[RunOutcome]:
    return [passed(desk.judged(replace(GOOD, plan=plan))) for plan in plans]


def killed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, done: list[RunOutcome], after: int, *words: object
) -> Path:
    """The folder of a drill whose process is killed after so many scenarios."""
    monkeypatch.setattr(drill, "run_all", ending(done, after))
    with pytest.raises(Killed):
        desk.type(*(words or ("drill",)))
    return desk.drills()[-1]


@pytest.mark.parametrize("after", [0, 1])
def test_a_drill_that_is_killed_is_completed_in_the_same_folder(
    desk: Desk, done: list[RunOutcome], monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    folder = killed(desk, monkeypatch, done, after)
    assert f"gameday drill --resume reports/{folder.name} continues it" in desk.out.getvalue()
    assert verify(folder).state is SealState.UNSEALED
    before = desk.report()
    assert before.grade == "–"
    assert [run.scenario for run in before.runs] == ["database-loss", "site-loss"]
    assert [run.outcome for run in before.runs] == ["PASS", None][:after] + [None] * (2 - after)
    assert before.runs[1].reason == NOT_ENDED.capitalize() + "."

    monkeypatch.setattr(drill, "run_all", ending(done[after:]))
    assert desk.type("--resume", folder) == ExitCode.PASS, desk.err.getvalue()
    assert desk.drills() == [folder]
    assert (desk.report().grade, desk.report().missing, desk.report().drill) == ("A", (), before.drill)
    found = verify(folder)
    assert found.intact
    assert found.manifest is not None
    assert found.manifest.reason is Reason.LATE, "what was changed before it was sealed cannot be known"


def test_a_drill_that_is_killed_while_its_report_is_made_lacks_the_report_alone(
    desk: Desk, done: list[RunOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(drill, "run_all", ending(done))
        patch.setattr(drill_report, "print_pdf", kill)
        with pytest.raises(Killed):
            desk.type("drill")
    (folder,) = desk.drills()
    # Without an engine: an attempt to run anything would fail.
    monkeypatch.setattr(drill, "run_all", kill)
    assert desk.type("--resume", folder) == ExitCode.PASS, desk.err.getvalue()
    assert desk.report().grade == "A"
    assert verify(folder).intact
    assert (folder / "past.json").exists(), "now it is a quarter"


def test_a_resumed_drill_that_is_killed_is_resumed_again_and_keeps_what_it_ran(
    desk: Desk, done: list[RunOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    broke = [RunOutcome.nothing(outcome.scenario, ExitCode.HARNESS, "no space") for outcome in done]
    monkeypatch.setattr(drill, "run_all", ending(broke))
    assert desk.type("drill") == ExitCode.HARNESS
    (folder,) = desk.drills()
    assert verify(folder).intact
    killed(desk, monkeypatch, done, 1, "--resume", folder)
    assert verify(folder).state is SealState.UNSEALED, "a report that is out of date must not look sealed"
    assert [run.outcome for run in desk.report().runs] == ["PASS", None]
    monkeypatch.setattr(drill, "run_all", ending(done[1:]))
    assert desk.type("--resume", folder) == ExitCode.PASS, desk.err.getvalue()
    assert verify(folder).intact


def test_a_drill_that_is_completed_keeps_the_seal_before_on_record(
    desk: Desk, done: list[RunOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    broke = [RunOutcome.nothing("database-loss", ExitCode.HARNESS, "no space"), done[1]]
    monkeypatch.setattr(drill, "run_all", ending(broke))
    desk.type("drill")
    (folder,) = desk.drills()
    monkeypatch.setattr(drill, "run_all", ending(done[:1]))
    assert desk.type("--resume", folder) == ExitCode.PASS, desk.err.getvalue()
    manifest = verify(folder).manifest
    assert manifest is not None
    assert (manifest.reason, [one.reason for one in manifest.earlier]) == (Reason.REDRAWN, [Reason.RUN])


def test_a_pdf_from_before_the_resumption_does_not_stay(
    desk: Desk, done: list[RunOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = killed(desk, monkeypatch, done, 1)
    (folder / "report.pdf").write_bytes(b"%PDF-1.4 no grade")
    monkeypatch.setattr(drill, "run_all", ending(done[1:]))
    assert desk.type("--resume", folder) == ExitCode.PASS
    assert not (folder / "report.pdf").exists()


def test_a_drill_that_still_goes_on_is_not_resumed(
    desk: Desk, done: list[RunOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = killed(desk, monkeypatch, done, 1)
    before = (folder / "drill.json").read_bytes()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        assert desk.type("--resume", folder) == ExitCode.BAD_INPUT
        other.communicate()
    assert "another gameday process is running this drill" in desk.err.getvalue()
    assert (folder / "drill.json").read_bytes() == before
    monkeypatch.setattr(drill, "run_all", ending(done[1:]))
    assert desk.type("--resume", folder) == ExitCode.PASS, "the lock ends with the process"


def test_what_is_no_folder_is_not_resumed(desk: Desk) -> None:
    assert desk.type("--resume", desk.folder / "absent") == ExitCode.BAD_INPUT
    assert "cannot open the folder" in desk.err.getvalue()


def test_progress_that_cannot_be_written_is_reported_and_stops_nothing(
    desk: Desk, done: list[RunOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk.folder / "reports").mkdir(exist_ok=True)
    kept = ending(done)

    async def removing(plans: list[Plan], *more: object) -> object:
        listener = more[-1]
        assert hasattr(listener, "ended")
        listener_ended = listener.ended

        def ended(index: int, outcome: RunOutcome) -> None:
            for path in desk.drills()[-1:]:
                (path / "drill.json").unlink()
                path.rmdir()
            listener_ended(index, outcome)

        monkeypatch.setattr(listener, "ended", ended)
        return await kept(plans, *more)

    monkeypatch.setattr(drill, "run_all", removing)
    assert desk.type("drill") == ExitCode.PASS, desk.err.getvalue()
    assert "gameday: drill: drill.json cannot be written" in desk.err.getvalue()
    assert desk.report().grade == "A"


def test_verify_says_how_a_drill_that_was_cut_off_is_completed(
    desk: Desk, done: list[RunOutcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = killed(desk, monkeypatch, done, 1)
    assert desk.run("verify", folder) == ExitCode.INCONCLUSIVE
    assert "the drill may have been killed (gameday drill --resume completes it)" in desk.out.getvalue()
