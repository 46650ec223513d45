"""``history``, ``compare`` and ``gate`` as a user types them, over runs that ``run`` kept."""

from __future__ import annotations

import asyncio
import io
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from chaos.app.command_context import CommandContext
from chaos.app.run_all import say_outcome
from chaos.app.runs import gated
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.app.stored_runs.past import (
    earlier_drills,
    freshness,
    keep_drill,
    past_beside,
    past_of,
    write_drill_past,
)
from chaos.cli import main
from chaos.errors import ExitCode
from chaos.history import FILE_NAME, RunRow, open_history
from chaos.model.past import Judgement, PastDrill
from chaos.model.plan import WARM
from chaos.model.verdict import Outcome
from tests.past_runs import BEGAN, a_measure, a_run, runs_of
from tests.runner_harness import RunnerHarness
from tests.service import KILL, ports_of, run_toy, toy_in

DRILL = PastDrill(drill="q4", began=BEGAN, score=88.0, grade="A", certifiable=True, folder="q4")


@dataclass
class Desk:
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    out: io.StringIO = field(default_factory=io.StringIO)
    err: io.StringIO = field(default_factory=io.StringIO)

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    @property
    def history(self) -> Path:
        return self.reports / FILE_NAME

    def context(self) -> CommandContext:
        return CommandContext(out=self.out, err=self.err, env={}, cwd=self.folder)

    def type(self, *words: object) -> int:
        """The exit code; the streams hold what this command alone said."""
        for stream in (self.out, self.err):
            stream.seek(0)
            stream.truncate()
        return main([str(word) for word in words], self.context())

    def kept(self) -> tuple[RunRow, ...]:
        with open_history(self.history) as history:
            return history.runs()

    def keep(self, *rows: RunRow) -> None:
        with open_history(self.history) as history:
            history.keep(rows)

    def folders(self) -> list[Path]:
        return sorted(path.parent for path in self.reports.glob("*/plan.json"))

    def run(self) -> RunOutcome:
        """The toy, as ``gameday run`` does it, on a harness in memory."""
        toy, harness = toy_in(self.folder / "suite"), RunnerHarness(self.folder, KILL)
        outcome = asyncio.run(harness.run(run_toy(toy, self.reports, ports_of(harness))))
        say_outcome(outcome, self.context())
        return outcome


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


def test_every_run_that_was_judged_is_kept(desk: Desk) -> None:
    done = desk.run()
    (row,) = desk.kept()
    assert done.judged is not None
    assert (row.run_id, row.folder) == (done.judged.recording.run_id, done.judged.folder.name)
    assert (row.scenario, row.suite, row.stack, row.pace) == ("toy", "suite", "toy", 1.0)
    assert (row.outcome, row.score) == (done.judged.verdict.outcome, done.judged.verdict.score.total)
    assert row.exit_code == done.code
    assert row.took > 0
    assert [one.title for one in row.checks] == [one.title for one in done.judged.verdict.checks]
    assert row.measures


def test_a_history_that_cannot_be_written_is_reported_and_changes_no_exit_code(desk: Desk) -> None:
    code = desk.run().code
    desk.history.unlink()
    desk.history.mkdir()  # a folder: no file can be written there
    done = desk.run()
    assert done.code is code
    assert done.judged is not None
    assert f"gameday: toy: could not write to the history: {desk.history}" in desk.err.getvalue()
    assert (done.judged.folder / "report.html").exists()


def test_damage_is_reported_the_run_is_kept_and_a_rebuild_brings_back_the_rest(desk: Desk) -> None:
    desk.run()
    before = desk.kept()
    desk.history.write_bytes(desk.history.read_bytes()[:5000])
    desk.run()
    assert "is damaged" in desk.err.getvalue()
    assert len(desk.kept()) == 1
    (aside,) = desk.reports.glob("history.sqlite.damaged-*")
    assert aside.stat().st_size == 5000
    assert desk.type("history", "--rebuild") == ExitCode.PASS
    assert "rebuilt: 2 runs and 0 drills" in desk.out.getvalue()
    assert set(desk.kept()) >= set(before)
    assert len(desk.kept()) == 2


def test_a_damaged_history_that_somebody_asks_is_set_aside_and_is_two(desk: Desk) -> None:
    desk.run()
    desk.history.write_bytes(b"")
    assert desk.type("history") == ExitCode.INCONCLUSIVE
    assert "set aside" in desk.err.getvalue()
    assert desk.type("history") == ExitCode.BAD_INPUT
    assert "the history does not exist" in desk.err.getvalue()


def test_a_rebuilt_history_equals_the_one_that_was_kept(desk: Desk) -> None:
    desk.run()
    desk.run()
    (desk.reports / "q4").mkdir()
    write_drill_past(desk.reports / "q4", DRILL)
    assert keep_drill(desk.reports, DRILL, desk.context())
    before = desk.kept()
    desk.history.unlink()
    assert desk.type("history", "--rebuild") == ExitCode.PASS
    assert desk.kept() == before
    assert earlier_drills(desk.reports, desk.context()) == (DRILL,)
    assert desk.type("history", "--rebuild") == ExitCode.PASS  # again, over a healthy one
    assert desk.kept() == before
    assert len(list(desk.reports.glob("history.sqlite.before-rebuild-*"))) == 1
    assert not list(desk.reports.glob(".history.sqlite.rebuild-*"))


def test_a_rebuild_takes_the_verdict_that_was_stored_not_a_new_one(desk: Desk) -> None:
    desk.run()
    (folder,) = desk.folders()
    (folder / "manifest.json").unlink()
    stored = json.loads((folder / "verdict.json").read_text())
    (folder / "verdict.json").write_text(json.dumps({**stored, "reason": "as an older judge put it"}))
    desk.history.unlink()
    assert desk.type("history", "--rebuild") == ExitCode.PASS
    assert [row.reason for row in desk.kept()] == ["as an older judge put it"]


def test_a_rebuild_names_what_it_leaves_out_and_carries_over_what_it_cannot_find(desk: Desk) -> None:
    for _ in range(3):
        desk.run()
    changed, unjudged, healthy = desk.folders()
    desk.history.unlink()
    (changed / "journal.jsonl").write_bytes((changed / "journal.jsonl").read_bytes() + b"\n")
    (unjudged / "manifest.json").unlink()
    (unjudged / "verdict.json").unlink()
    desk.keep(a_run(7))  # its folder was on another machine
    assert desk.type("history", "--rebuild") == ExitCode.INCONCLUSIVE
    said = desk.out.getvalue()
    assert f"left out: {changed.name}: changed since it was sealed" in said
    assert f"left out: {unjudged.name}: it was never judged" in said
    assert "carried over from the old history: 1 runs" in said
    assert {row.folder for row in desk.kept()} == {healthy.name, a_run(7).folder}


def test_the_table_shows_runs_trends_procedures_and_drills(desk: Desk) -> None:
    desk.keep(*runs_of([100.0, 50.0, None], [10.0, 20.0, None]))
    keep_drill(desk.reports, DRILL, desk.context())
    assert desk.type("history", "--last", 2) == ExitCode.PASS
    said = desk.out.getvalue()
    assert "000001" in said
    assert "000000" not in said
    assert "cache-down (stack toy, pace 20)" in said
    assert "score    ▅·  median 75" in said
    assert "recovery █·  median 15.0 s" in said
    assert "q4" in said
    assert desk.type("history", "nothing-of-the-kind") == ExitCode.PASS
    assert desk.out.getvalue() == "the history holds no run\n"


def test_a_run_that_env_changed_is_in_the_table_and_in_no_trend(desk: Desk) -> None:
    plain, odd = a_run(0, 100.0), a_run(1, 10.0, variables="web.MODE=odd")
    desk.keep(plain, odd, a_run(2, 20.0, scenario="other", variables="web.MODE=odd"))
    assert desk.type("history", "--json") == ExitCode.PASS
    view = json.loads(desk.out.getvalue())
    assert len(view["runs"]) == 3
    (trend,) = view["trends"]
    assert ([run["score"] for run in trend["runs"]], trend["median_score"]) == ([100.0], 100.0)
    past = past_beside(a_run(3, 90.0), [plain, odd])
    assert [run.score for run in past.earlier] == [100.0]
    assert [run.score for run in past_beside(a_run(3, 9.0, variables="web.MODE=odd"), [odd]).earlier] == [
        10.0
    ]


def test_runs_on_a_warm_stack_have_a_trend_of_their_own(desk: Desk) -> None:
    desk.keep(a_run(0, 100.0), a_run(1, 10.0, variables=WARM), a_run(2, 20.0, variables=WARM))
    assert desk.type("history", "--json") == ExitCode.PASS
    trends = json.loads(desk.out.getvalue())["trends"]
    found = [(one["warm"], [run["score"] for run in one["runs"]]) for one in trends]
    assert found == [(False, [100.0]), (True, [10.0, 20.0])]
    assert desk.type("history") == ExitCode.PASS
    assert "cache-down (stack toy, pace 20, a warm stack)" in desk.out.getvalue()


def test_json_holds_the_same(desk: Desk) -> None:
    desk.keep(*runs_of([100.0, 50.0]))
    assert desk.type("history", "--json", "cache-down") == ExitCode.PASS
    view = json.loads(desk.out.getvalue())
    assert [run["score"] for run in view["runs"]] == [100.0, 50.0]
    assert view["trends"][0]["median_score"] == 75.0
    assert view["schema_version"] == 1


def test_two_runs_are_compared_by_id_and_by_folder(desk: Desk) -> None:
    desk.run()
    (folder,) = desk.folders()
    desk.keep(
        a_run(1, 80.0, a_measure(value=10.0)), a_run(2, 60.0, a_measure(value=12.0, outcome=Outcome.FAIL))
    )
    assert desk.type("compare", "000001", "000002") == ExitCode.PASS
    said = " ".join(desk.out.getvalue().split())
    assert "score 80 60 −20 (−25 %)" in said
    assert "RTO 10.0 s 12.0 s +2.0 s (+20 %)" in said
    assert "clients recover PASS -> FAIL" in said
    assert desk.type("compare", folder, "000002", "--json") == ExitCode.PASS
    found = json.loads(desk.out.getvalue())
    assert found["schema_version"] == 1
    assert found["unlike"] == ["scenario: toy and cache-down", "pace: 1.0 and 20.0"]


def test_an_id_that_no_one_or_two_have_is_bad_input(desk: Desk) -> None:
    desk.keep(a_run(1), a_run(2, run_id="000001"))
    assert desk.type("compare", "000001", "zzz") == ExitCode.BAD_INPUT
    assert "several runs have this id" in desk.err.getvalue()
    assert desk.type("compare", "zzz", "zzz") == ExitCode.BAD_INPUT
    assert "neither a run folder nor the id of a run" in desk.err.getvalue()


@pytest.mark.parametrize(
    ("scores", "code", "lenient", "tag"),
    [
        ([100.0] * 4, ExitCode.PASS, ExitCode.PASS, None),
        ([100.0] * 3 + [60.0], ExitCode.FAIL, ExitCode.FAIL, "failure"),
        ([100.0] * 3, ExitCode.INCONCLUSIVE, ExitCode.PASS, "error"),
        ([], ExitCode.INCONCLUSIVE, ExitCode.PASS, "error"),
    ],
    ids=["ok", "regression", "too few", "none"],
)
def test_the_gate_has_three_answers(
    desk: Desk, scores: list[float | None], code: ExitCode, lenient: ExitCode, tag: str | None
) -> None:
    desk.keep(*runs_of(scores))
    junit = desk.folder / "out" / "gate.xml"
    assert desk.type("gate", "--junit", junit) == code
    root = Xml.parse(junit).getroot()
    assert [case.find(tag) is not None for case in root.iter("testcase")] == [True] if tag else True
    assert root.get("failures") == ("1" if tag == "failure" else "0")
    assert root.get("errors") == ("1" if tag == "error" else "0")
    assert desk.type("gate", "--fail-on-regression", "--junit", junit) == lenient
    assert Xml.parse(junit).getroot().get("errors") == "0"


def test_the_gate_judges_the_newest_run_of_every_scenario_and_the_worst_counts(desk: Desk) -> None:
    desk.keep(*runs_of([100.0] * 3 + [10.0, 100.0]))
    for run in runs_of([100.0] * 3 + [10.0]):
        desk.keep(run.model_copy(update={"scenario": "cache-slow", "run_id": f"slow-{run.run_id}"}))
    assert desk.type("gate") == ExitCode.FAIL
    lines = desk.out.getvalue().splitlines()
    assert [line.split()[:2] for line in lines] == [["ok", "cache-down"], ["REGRESSION", "cache-slow"]]


def test_a_run_that_got_worse_fails_where_that_is_asked_and_an_unknown_one_keeps_its_code(desk: Desk) -> None:
    done = desk.run()
    (row,) = desk.kept()
    better = row.model_copy(
        update={"score": 100.0, "certifiable": True, "outcome": Outcome.PASS, "measures": ()}
    )
    assert gated(ExitCode.PASS, [done], desk.reports, desk.context()) is ExitCode.PASS
    assert "NOT ENOUGH DATA  toy" in desk.out.getvalue()
    desk.keep(*(better.model_copy(update={"began": row.began - n}) for n in (1, 2, 3)))
    assert done.judged is not None
    score = done.judged.verdict.score.model_copy(update={"total": 40.0, "certifiable": True})
    weak = replace(done.judged, verdict=done.judged.verdict.model_copy(update={"score": score}))
    weaker = replace(done, judged=weak)
    assert gated(ExitCode.PASS, [weaker], desk.reports, desk.context()) is ExitCode.FAIL
    assert gated(ExitCode.LEFT_DIRTY, [weaker], desk.reports, desk.context()) is ExitCode.LEFT_DIRTY
    assert gated(ExitCode.PASS, [RunOutcome("toy")], desk.reports, desk.context()) is ExitCode.PASS


def test_without_a_history_the_gate_says_nothing_and_says_so(desk: Desk) -> None:
    assert desk.type("gate") == ExitCode.INCONCLUSIVE
    assert "the history does not exist yet: reports/history.sqlite" in desk.err.getvalue()
    desk.run()
    desk.history.unlink()
    (folder,) = desk.folders()
    assert desk.type("gate", folder, "--fail-on-regression") == ExitCode.PASS
    assert "NOT ENOUGH DATA  toy" in desk.out.getvalue()
    assert not desk.history.exists()


def test_the_gate_takes_run_folders(desk: Desk) -> None:
    desk.run()
    (folder,) = desk.folders()
    assert desk.type("gate", folder) == ExitCode.INCONCLUSIVE
    assert "toy " in desk.out.getvalue()


def test_a_run_shows_itself_against_earlier_ones(desk: Desk) -> None:
    done = desk.run()
    assert done.judged is not None
    (row,) = desk.kept()
    earlier = [
        row.model_copy(update={"run_id": f"{n}", "began": row.began - n, "score": 100.0, "certifiable": True})
        for n in (1, 2, 3)
    ]
    desk.keep(*(run.model_copy(update={"outcome": Outcome.PASS}) for run in earlier))
    past = past_of(desk.reports, done.judged, desk.context())
    assert past is not None
    assert [run.run_id for run in past.earlier] == ["3", "2", "1"]
    assert (past.this.run_id, past.median_score) == (row.run_id, 100.0)
    assert past.judgement is not Judgement.NOT_ENOUGH_DATA or not row.certifiable
    assert desk.type("report", done.judged.folder) == ExitCode.PASS
    assert 'class="past-chart"' in (done.judged.folder / "report.html").read_text(encoding="utf-8")


def test_judging_needs_no_history_and_leaves_it_alone(desk: Desk) -> None:
    desk.run()
    (folder,) = desk.folders()
    verdict = (folder / "verdict.json").read_bytes()
    desk.history.write_bytes(b"anything")
    desk.type("judge", folder)
    assert desk.history.read_bytes() == b"anything"
    assert (folder / "verdict.json").read_bytes() == verdict
    assert desk.err.getvalue() == ""


def test_a_report_of_a_run_elsewhere_makes_no_history_there(desk: Desk) -> None:
    desk.run()
    (folder,) = desk.folders()
    elsewhere = desk.folder / "attic" / folder.name
    elsewhere.parent.mkdir()
    folder.rename(elsewhere)
    assert desk.type("report", elsewhere) == ExitCode.PASS
    assert not (elsewhere.parent / FILE_NAME).exists()


def test_who_asks_of_no_history_gets_nothing_and_makes_none(desk: Desk) -> None:
    assert earlier_drills(desk.reports, desk.context()) == ()
    (one,) = freshness(desk.reports, ["restore"], desk.context())
    assert one.words == "never proven"
    assert not desk.reports.exists()


def test_earlier_drills_are_those_before_the_newest_last(desk: Desk) -> None:
    for n in range(5):
        keep_drill(
            desk.reports, DRILL.model_copy(update={"drill": f"q{n}", "began": BEGAN + n}), desk.context()
        )
    found = earlier_drills(desk.reports, desk.context(), before=BEGAN + 4, last=2)
    assert [drill.drill for drill in found] == ["q2", "q3"]
