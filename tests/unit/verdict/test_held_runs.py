"""A stretch in which the run was held: left out of a limit, or named beside a limit that counts it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chaos.checks.recovery import CHECK as RECOVERY
from chaos.checks.recovery import Recovery
from chaos.files import make_folder
from chaos.model.verdict import Outcome
from chaos.report import write_reports
from chaos.timeline.recording import Recording
from chaos.timeline.steered import ControlRefused, InjectedNow, NoteWritten, RunHeld, RunResumed
from chaos.verdict import judge
from tests.recording_builder import BEGAN, RecordingBuilder, judged

RTO, BUDGET = "clients recover within the RTO", "clients recover within the budget"
EXPECTED = Recovery.model_validate({"rto": "20s", "budget": "5s", "healthy_for": "10s"})


def held_run(resumed: bool = True) -> Recording:
    """Harmed from 20.2 to 46; the run was held from 25 to 35, so it counts 16 s of 26."""
    builder = RecordingBuilder(recovery_limit=30).steady(10).fault(20, 44)
    builder.probe(5, 20.2).probe(20.2, 46, ok=False).probe(46, 80)
    builder.load(5, 20.2).load(20.2, 46, degraded="stale").load(46, 80)
    at, to = BEGAN + 25, BEGAN + 35
    builder.add(RunHeld(at=at, mono=25.0, author="ann", reason="a question"))
    if resumed:
        builder.add(RunResumed(at=to, mono=35.0, author="bob"))
    return builder.end()


def test_recovery_leaves_the_hold_out_of_its_limits_and_says_so() -> None:
    results = judged(RECOVERY, held_run(), EXPECTED)
    assert results[RTO].outcome is Outcome.PASS, "26 s would be beyond the RTO of 20 s"
    assert results[RTO].measures[0].value == pytest.approx(16.0)
    assert "without 10.0 s in which the run was held" in results[RTO].measures[0].note
    assert results[BUDGET].measures[0].value == pytest.approx(2.0), "it was held before the fault's end"
    assert "held" not in results[BUDGET].measures[0].note


def test_a_check_that_counts_the_hold_says_so_beside_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    recording = held_run()
    scenario = recording.plan.scenario.model_copy(update={"expect": {"recovery": (EXPECTED,)}})
    recording = replace(recording, plan=recording.plan.model_copy(update={"scenario": scenario}))
    monkeypatch.setattr(type(RECOVERY), "excludes_holds", False)
    (rto, budget) = judge(recording, {"recovery": RECOVERY}).checks
    for result in (rto, budget):
        assert any(
            "the run was held for 10.0 s by ann (a question); this limit counts that time" in one.text
            for one in result.evidence
        )
    monkeypatch.undo()
    for result in judge(recording, {"recovery": RECOVERY}).checks:
        assert not any("this limit counts" in one.text for one in result.evidence)


def test_the_report_says_what_people_did(tmp_path: Path) -> None:
    recording = held_run()
    more = (
        InjectedNow(at=BEGAN + 19, mono=19.0, index=0, planned=30.0, author="ann"),
        NoteWritten(at=BEGAN + 26, mono=26.0, text="the page <went> blank", author="bob"),
        ControlRefused(at=BEGAN + 27, mono=27.0, action="hold", reason="the run is held already", author=""),
    )
    recording = replace(recording, events=tuple(sorted((*recording.events, *more), key=lambda e: e.at)))
    html, markdown, *_ = write_reports(recording, judge(recording), make_folder(tmp_path / "run"))
    for words in (
        "held by ann: a question",
        "resumed by bob",
        "injected early by ann; it was due at 30.0 s",
        "note by bob: the page &lt;went&gt; blank",
        "hold was refused: the run is held already",
    ):
        assert words in html.read_text(), words
        assert words in markdown.read_text(), words
    assert "### What people did" in markdown.read_text()
