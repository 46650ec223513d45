"""``gameday drill --resume``: only what is missing is run, and the same report is completed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from chaos.app.drills import drill
from chaos.app.drills import resume as drill_resume
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.errors import ExitCode
from chaos.evidence import verify
from chaos.model.plan import Plan
from chaos.report import BrokenRun
from tests.drill_desk import GOOD, LOSS, SITE_LOSS, Desk, desk_in, ending
from tests.service import passed


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return desk_in(tmp_path, monkeypatch)


def of_a_file(desk: Desk, plan: Plan) -> Plan:
    """The plan as if it came from a scenario file of its own."""
    file = desk.folder / f"{plan.scenario.scenario}.yaml"
    file.touch()
    return plan.model_copy(update={"source": plan.source.model_copy(update={"file": str(file)})})


@pytest.fixture
def halved(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> tuple[Plan, Plan]:
    """A drill of two scenarios, whose second one broke."""
    loss, site = of_a_file(desk, LOSS), of_a_file(desk, SITE_LOSS)
    broken = BrokenRun(scenario="site-loss", detail="port 8000 is in use")
    done = [passed(desk.judged(GOOD)), RunOutcome("site-loss", ExitCode.HARNESS, broken=broken)]
    desk.ends(monkeypatch, [loss, site], done)
    assert desk.type("drill") == ExitCode.HARNESS
    return loss, site


def resumable(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, plan: Plan, outcome: RunOutcome
) -> list[tuple[str, float]]:
    """Lets the next resumed drill run ``plan``, which ends like this; (selector, pace) of what it planned."""
    planned: list[tuple[str, float]] = []

    def plans_of(selectors: Sequence[str], pace: float, *_: object) -> Sequence[Plan]:
        planned.extend((selector, pace) for selector in selectors)
        return [plan]

    monkeypatch.setattr(drill_resume, "plans_of", plans_of)
    monkeypatch.setattr(drill, "run_all", ending([outcome]))
    return planned


def test_a_resumed_drill_runs_what_is_missing_and_completes_the_same_report(
    desk: Desk, halved: tuple[Plan, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder,) = desk.drills()
    before = desk.report()
    outcome = passed(desk.judged(replace(GOOD, plan=halved[1])))
    planned = resumable(desk, monkeypatch, halved[1], outcome)
    assert desk.type("--resume", folder) == ExitCode.PASS, desk.err.getvalue()
    assert planned == [(halved[1].source.file, 20.0)]
    assert desk.drills() == [folder]
    after = desk.report()
    assert (after.drill, after.at) == (before.drill, before.at)
    assert [(run.scenario, run.outcome) for run in after.runs] == [
        ("database-loss", "PASS"),
        ("site-loss", "PASS"),
    ]
    assert (after.grade, after.missing, after.certifiable) == ("A", (), True)
    assert verify(folder).intact
    assert (folder / "past.json").exists(), "now it is a quarter"
    assert desk.type("--resume", folder) == ExitCode.BAD_INPUT
    assert "no scenario is missing" in desk.err.getvalue()


def test_a_resumed_drill_that_breaks_again_still_has_no_grade(
    desk: Desk, halved: tuple[Plan, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder,) = desk.drills()
    resumable(desk, monkeypatch, halved[1], RunOutcome.nothing("site-loss", ExitCode.HARNESS, "disk full"))
    assert desk.type("--resume", folder) == ExitCode.HARNESS
    assert (desk.report().grade, desk.report().missing) == ("–", ("site-loss: disk full.",))


def test_a_kept_run_that_was_changed_meanwhile_is_no_success_of_the_resumed_drill(
    desk: Desk, halved: tuple[Plan, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder,) = desk.drills()
    (desk.stored[next(iter(desk.stored))].folder / "verdict.json").write_text("{}")
    outcome = passed(desk.judged(replace(GOOD, plan=halved[1])))
    resumable(desk, monkeypatch, halved[1], outcome)
    assert desk.type("--resume", folder) == ExitCode.INCONCLUSIVE


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda folder: (folder / "report.md").write_text("A+"),
            "its folder was changed since it was sealed: changed: report.md",
        ),
        (lambda folder: (folder / "drill.json").unlink(), "no drill: drill.json: No such file"),
        (
            lambda folder: (folder / "manifest.json").write_text("{}"),
            "its folder was changed since it was sealed: manifest:",
        ),
    ],
    ids=["a changed report", "no drill", "a damaged seal"],
)
def test_what_is_no_drill_as_it_was_sealed_is_not_completed(
    desk: Desk, halved: tuple[Plan, Plan], change: Callable[[Path], object], said: str
) -> None:
    (folder,) = desk.drills()
    change(folder)
    assert desk.type("--resume", folder) == ExitCode.BAD_INPUT
    assert said in desk.err.getvalue()


def test_a_drill_is_completed_only_as_it_was_asked_for(
    desk: Desk, halved: tuple[Plan, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder,) = desk.drills()
    other = halved[1].model_copy(update={"source": halved[1].source.model_copy(update={"sha256": "1" * 64})})
    changed = halved[1].model_copy(update={"env": {"web": {"MODE": "odd"}}})
    for plan, said in ((other, "was changed since the drill"), (changed, "ran with other variables: none")):
        resumable(desk, monkeypatch, plan, RunOutcome("site-loss"))
        assert desk.type("--resume", folder) == ExitCode.BAD_INPUT
        assert said in desk.err.getvalue()
