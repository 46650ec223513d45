"""Repeated runs leave their spread beside the summary, in figures and in words."""

from __future__ import annotations

from pathlib import Path

from chaos.app.repeats import RepeatsReport, write_repeats
from chaos.app.stored_runs.verdicts import JudgedRun
from chaos.timeline.events import RunStarted
from chaos.verdict import judge
from tests.recording_builder import RecordingBuilder


def run(folder: Path, number: int, took_effect: bool = True) -> JudgedRun:
    builder = RecordingBuilder().steady().load(2, 20).load(20, 44, status=503).load(44, 80)
    recording = builder.fault(took_effect=took_effect).clean().end()
    for event in recording.of(RunStarted):
        object.__setattr__(event, "run_id", f"run-{number}")
    return JudgedRun(folder / f"run-{number}", recording, judge(recording), True)


def test_a_single_run_has_none(tmp_path: Path) -> None:
    assert write_repeats(tmp_path, [run(tmp_path, 1)]) == ()
    assert list(tmp_path.iterdir()) == []


def test_rates_measures_and_what_was_before_the_fault(tmp_path: Path) -> None:
    as_json, as_text = write_repeats(tmp_path, [run(tmp_path, n, took_effect=n != 3) for n in (1, 2, 3)])
    (found,) = RepeatsReport.model_validate_json(as_json.read_text(encoding="utf-8")).scenarios
    assert found.runs == ("run-1", "run-2", "run-3")
    text = as_text.read_text(encoding="utf-8")
    assert "toy-down: 3 runs at pace 20" in text
    assert "95 % interval" in text
    assert "before the fault: p95" in text
    assert "0.0% not served" in text
    assert "first effect after injection" in text
