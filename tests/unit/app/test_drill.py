"""``gameday drill``: whatever becomes of single runs, one report tells of all that was asked."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from chaos.app.drills import report as drill_report
from chaos.app.run_all import NOT_STARTED
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.errors import EnvironmentProblem, ExitCode
from chaos.report import BrokenRun
from tests.drill_desk import GOOD, LOSS, SITE_LOSS, Desk, desk_in
from tests.drills import Case, hygiene, recovered, unjudged_part
from tests.service import passed


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return desk_in(tmp_path, monkeypatch)


@pytest.fixture
def runs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets the next drill ask for these plans and end like this."""
    return partial(desk.ends, monkeypatch)


def test_a_drill_ends_in_its_report_and_the_exit_code_of_its_runs(
    desk: Desk, runs: Callable[..., None]
) -> None:
    runs([LOSS], [passed(desk.judged(GOOD))])
    assert desk.type("database-loss") == ExitCode.PASS
    (folder,) = desk.drills()
    names = {path.name for path in folder.iterdir()}
    assert {"report.html", "report.md", "drill.json", "junit.xml", "past.json", "manifest.json"} == names
    said = desk.out.getvalue()
    assert "drill: grade A, score 100: 1 of 1 scenario passed." in said
    assert f"drill: reports/{folder.name}/report.html" in said
    assert "report.pdf" not in said
    assert "drill: no report.pdf: Chromium was not found" in desk.err.getvalue()


def test_what_failed_to_start_neither_loses_the_others_nor_is_lost(
    desk: Desk, runs: Callable[..., None]
) -> None:
    broken = BrokenRun(scenario="site-loss", detail="port 8000 is in use")
    done = [RunOutcome(broken.scenario, ExitCode.HARNESS, broken=broken), passed(desk.judged(GOOD))]
    runs([SITE_LOSS, LOSS], done)
    assert desk.type("drill") == ExitCode.HARNESS
    report = desk.report()
    assert [(run.scenario, run.outcome) for run in report.runs] == [
        ("site-loss", None),
        ("database-loss", "PASS"),
    ]
    assert report.runs[0].reason == "Port 8000 is in use."
    assert (report.total, report.grade, report.certifiable) == (None, "–", False)
    assert "drill: no grade, 1 scenario missing: site-loss: port 8000 is in use." in desk.out.getvalue()
    assert f"gameday drill --resume reports/{report.drill} runs only what is missing" in desk.out.getvalue()
    assert not (desk.folder / "reports" / "history.sqlite").exists(), "a drill that lacks a run is no quarter"


def test_after_an_interruption_what_did_not_start_is_reported(desk: Desk, runs: Callable[..., None]) -> None:
    runs([LOSS, SITE_LOSS], [passed(desk.judged(GOOD)), RunOutcome("site-loss", ExitCode.INTERRUPTED)])
    assert desk.type("drill") == ExitCode.INTERRUPTED
    assert desk.report().runs[1].reason.lower().startswith(NOT_STARTED)
    assert not (desk.folder / "reports" / "history.sqlite").exists(), "half a drill is no quarter"


def test_nothing_named_is_the_whole_drill_and_a_name_is_one_of_it(
    desk: Desk, runs: Callable[..., None]
) -> None:
    runs([LOSS], [passed(desk.judged(GOOD))])
    desk.type()
    assert desk.asked == ["scenarios/drill"]
    (desk.folder / "scenarios" / "drill").mkdir(parents=True)
    (desk.folder / "scenarios" / "drill" / "database-loss.yaml").touch()
    desk.type("database-loss", "other.yaml")
    assert desk.asked == ["scenarios/drill/database-loss.yaml", "other.yaml"]


def test_a_pdf_that_was_printed_is_reported_and_sealed(
    desk: Desk, runs: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def print_pdf(page: Path, pdf: Path, env: object) -> Path:
        assert page.name == "report.html"
        pdf.write_bytes(b"%PDF-1.4")
        return pdf

    monkeypatch.setattr(drill_report, "print_pdf", print_pdf)
    runs([LOSS], [passed(desk.judged(GOOD))])
    assert desk.type("database-loss") == ExitCode.PASS
    assert "/report.pdf" in desk.out.getvalue()
    assert '"report.pdf"' in (desk.drills()[0] / "manifest.json").read_text()
    assert desk.err.getvalue() == ""


def test_a_report_that_cannot_be_written_is_a_harness_error(
    desk: Desk, runs: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise EnvironmentProblem("the report cannot be written: no space left", "free some space")

    monkeypatch.setattr(drill_report, "write_drill", full)
    runs([LOSS], [passed(desk.judged(GOOD))])
    assert desk.type("database-loss") == ExitCode.HARNESS
    assert "gameday: drill: the report cannot be written" in desk.err.getvalue()


def test_the_next_drill_sees_the_one_before(desk: Desk, runs: Callable[..., None]) -> None:
    done = [passed(desk.judged(GOOD))]
    runs([LOSS], done)
    desk.type("drill")
    desk.type("drill")
    page = (desk.drills()[-1] / "report.html").read_text()
    assert "As many points as in the drill of" in page


def test_a_part_of_the_drill_or_a_changed_stack_is_no_quarter_of_the_trend(
    desk: Desk, runs: Callable[..., None]
) -> None:
    files = [desk.folder / "scenarios" / "drill" / f"{name}.yaml" for name in ("database-loss", "site-loss")]
    files[0].parent.mkdir(parents=True)
    for file in files:
        file.touch()
    loss, site = (
        plan.model_copy(update={"source": plan.source.model_copy(update={"file": str(file)})})
        for plan, file in zip((LOSS, SITE_LOSS), files, strict=True)
    )
    runs_of = {LOSS.scenario.scenario: passed(desk.judged(GOOD))}
    runs_of[SITE_LOSS.scenario.scenario] = passed(desk.judged(replace(GOOD, plan=SITE_LOSS)))
    odd = [
        plan.model_copy(
            update={
                "env": {"web": {"MODE": "odd", "TOKEN": "hunter2-hunter2"}},
                "stack": plan.stack.model_copy(update={"redact": ["TOKEN"]}),
            }
        )
        for plan in (loss, site)
    ]
    for plans, words, title in (
        ([loss, site], ("drill",), ""),
        ([loss], ("database-loss",), "Partial drill: 1 of 2 scenarios"),
        (odd, ("--env", "MODE=odd"), "Drill of a changed stack"),
        (odd[:1], ("site-loss", "--env", "MODE=odd"), "Partial drill of a changed stack: 1 of 2 scenarios"),
        ([LOSS, loss, site], ("drill", "x.yaml"), "Recovery drill and 1 more"),
        ([LOSS], ("x.yaml",), "Partial drill: 0 of 2 scenarios and 1 more"),
        ([loss, site], (), ""),
    ):
        whole = not title
        runs(plans, [runs_of[plan.scenario.scenario] for plan in plans])
        desk.type(*words)
        folder = desk.drills()[-1]
        assert (folder / "past.json").exists() is whole, words
        page, text = ((folder / name).read_text() for name in ("report.html", "report.md"))
        assert ("gameday only compares whole drills" in page) is not whole, words
        assert (" outlined" in page.partition("<header>")[2].partition("</header>")[0]) is not whole, words
        line = [one for one in desk.out.getvalue().splitlines() if "grade" in one][-1]
        stored = desk.report()
        assert stored.title == (title or "Recovery drill")
        for shown in (f"<h1>{stored.title}</h1>", f'"sub">{stored.title}. Drill '):
            assert shown in page, words
        for shown in (f"{stored.title}: grade", f"{stored.title}. {stored.drill}"):
            assert shown in text, words
        assert line.startswith(f"drill: {title}; grade " if title else "drill: grade "), line
        changed = "web.MODE=odd" in page
        assert changed == ("web.MODE=odd" in text) == ("web.MODE=odd" in line) == ("--env" in words), words
        assert stored.scope is not None
        assert stored.scope.changes == (("web.MODE=odd", "web.TOKEN=[redacted]") if changed else ())
        assert "hunter2" not in page + text + line + (folder / "drill.json").read_text()
    assert "As many points as in the drill of" in page
    (part,) = [folder for folder in desk.drills() if not (folder / "past.json").exists()][:1]
    desk.type("--again", part)
    assert not (desk.drills()[-1] / "past.json").exists()
    assert desk.report().title == "Partial drill: 1 of 2 scenarios", "as the stored one says"
    desk.type("--again", next(iter(desk.stored.values())).folder)
    assert desk.report().title == "Partial drill: 1 of 2 scenarios", "as the names say"


def test_again_from_a_drill_keeps_its_id_and_what_was_unknown(desk: Desk, runs: Callable[..., None]) -> None:
    broken = BrokenRun(scenario="site-loss", detail="port 8000 is in use")
    done = [passed(desk.judged(GOOD)), RunOutcome(broken.scenario, ExitCode.HARNESS, broken=broken)]
    runs([LOSS, SITE_LOSS], done)
    desk.type("drill")
    (first,) = desk.drills()
    before = desk.report()
    assert desk.type("--again", first) == ExitCode.PASS
    after = desk.report()
    assert len(desk.drills()) == 2
    assert after.drill == before.drill == first.name
    assert [run.reason for run in after.runs] == [run.reason for run in before.runs]
    assert (after.total, after.certifiable) == (None, False)


def test_again_tells_of_a_run_folder_that_is_gone(desk: Desk, runs: Callable[..., None]) -> None:
    judged, other = desk.judged(GOOD), desk.judged(Case(SITE_LOSS, (hygiene(), recovered(1.0))))
    runs([LOSS, SITE_LOSS], [passed(judged), passed(other)])
    desk.type("drill")
    shutil.rmtree(judged.folder)
    desk.type("--again", desk.drills()[0])
    assert "can no longer be read" in desk.report().runs[0].reason
    assert not desk.report().certifiable


def test_again_from_run_folders_is_no_drill_of_the_history(desk: Desk) -> None:
    judged = desk.judged(GOOD)
    assert desk.type("--again", judged.folder) == ExitCode.PASS
    assert not (desk.drills()[0] / "past.json").exists()
    assert not (desk.folder / "reports" / "history.sqlite").exists()
    assert desk.report().title == "Drill drawn from stored runs"


def test_again_with_a_changed_run_folder_says_so(desk: Desk) -> None:
    judged = desk.judged(GOOD)
    (judged.folder / "manifest.json").write_text("{}")
    assert desk.type("--again", judged.folder) == ExitCode.INCONCLUSIVE
    assert "not read (--unsealed reads" in desk.err.getvalue()
    assert desk.drills() == []
    assert desk.type("--again", judged.folder, "--unsealed") == ExitCode.INCONCLUSIVE
    assert "its run folder was changed since it was sealed" in desk.err.getvalue()
    (line,) = [line for line in desk.out.getvalue().splitlines() if "grade A" in line]
    assert "score 100, not certifiable, evidence changed since it was sealed: 1 of 1" in line
    text = (desk.drills()[0] / "report.md").read_text()
    assert "Evidence changed since it was sealed: database-loss" in text
    assert (
        '<td data-label="seal" class="nowrap">changed</td>' in (desk.drills()[0] / "report.html").read_text()
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("database-loss", "--again", "reports/x"),
            "give only one of",
        ),
        (("--again", "reports/x"), "x: not a run folder"),
    ],
)
def test_what_cannot_be_done_is_reported(desk: Desk, words: tuple[str, ...], said: str) -> None:
    assert desk.type(*words) in (ExitCode.BAD_INPUT, ExitCode.HARNESS)
    assert said in desk.err.getvalue()
    assert desk.drills() == []


def test_a_drill_of_nothing_that_can_be_judged_cannot_be_drawn_again(
    desk: Desk, runs: Callable[..., None]
) -> None:
    broken = BrokenRun(scenario="site-loss", detail="port 8000 is in use")
    runs([SITE_LOSS], [RunOutcome(broken.scenario, ExitCode.HARNESS, broken=broken)])
    assert desk.type("drill") == ExitCode.HARNESS
    assert desk.report().grade == "–"
    assert unjudged_part(SITE_LOSS, "").tier == desk.report().runs[0].tier
    assert desk.type("--again", desk.drills()[0]) == ExitCode.BAD_INPUT
    assert "these folders hold no run that can be judged" in desk.err.getvalue()
