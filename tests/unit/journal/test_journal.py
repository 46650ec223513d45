"""The run folder: written line by line, read back after a crash, clear about a full disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.errors import BadInput, EnvironmentProblem, RecordingProblem
from chaos.faults.container_kill import ContainerKill
from chaos.journal import JournalWriter, create_run_folder, load_recording
from chaos.timeline.events import (
    EVENT,
    FaultMeasured,
    Measurement,
    Phase,
    PhaseBegan,
    RunEnded,
    RunStarted,
    Sample,
    SteadyState,
)
from chaos.timeline.recording import Metrics
from tests.stage import plan

KILL = ContainerKill.model_validate({"at": "2s", "for": "10s", "fault": "container.kill", "service": "cache"})
STARTED = RunStarted(at=100.0, mono=1.0, run_id="abc123")
BEGAN = PhaseBegan(at=101.0, mono=2.0, phase=Phase.START)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run = create_run_folder(tmp_path, "toy", needed=0)
    run.plan.write_text(plan(KILL).model_dump_json())
    with JournalWriter(run.journal) as journal:
        journal.write(STARTED)
        journal.write(BEGAN)
    run.metrics.write_text(Metrics(complete=True).model_dump_json())
    return run.path


def test_what_was_written_is_read_back(folder: Path) -> None:
    recording = load_recording(folder)
    assert recording.events == (STARTED, BEGAN)
    assert recording.plan == plan(KILL)
    assert isinstance(recording.plan.steps[0].step, ContainerKill)
    assert recording.problems == ()


def test_secrets_in_quoted_words_never_reach_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    witness = Measurement(subject="lever x", values={"holds": True, "detail": 'said "pass\\word é"'})
    steady = SteadyState(at=1.0, mono=1.0, when="before", held=False, failing=("a: pass\\word",))
    with JournalWriter(path, lambda text: text.replace("pass\\word", "[redacted]")) as journal:
        journal.write(
            FaultMeasured(at=1.0, mono=1.0, index=0, when="during", bites=True, measurement=witness)
        )
        journal.write(steady)
        journal.write(RunEnded(at=1.0, mono=1.0, error="it knows pass\\word"))
    text = path.read_text(encoding="utf-8")
    assert "word" not in text
    assert text.count("[redacted]") == 3
    assert r"said \"[redacted] é\"" in text


def test_only_quoted_words_are_searched_for_secrets(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with JournalWriter(path, lambda text: "[redacted]") as journal:
        journal.write(STARTED)
        journal.write(Sample(at=1.0, mono=1.0, probe="p", ok=True, started=1.0, value=float("nan")))
    lines = [EVENT.validate_json(line) for line in path.read_bytes().splitlines()]
    assert lines[0] == STARTED
    assert isinstance(lines[1], Sample)
    assert (lines[1].probe, lines[1].value) == ("p", None)


def test_a_line_cut_off_by_a_kill_is_named_and_the_rest_stands(folder: Path) -> None:
    with (folder / "journal.jsonl").open("ab") as stream:
        stream.write(b'{"event":"phase_be')
    recording = load_recording(folder)
    assert recording.events == (STARTED, BEGAN)
    assert recording.problems == ("journal.jsonl: line 3 cut off",)


def test_a_damaged_line_is_named(folder: Path) -> None:
    path = folder / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"{}\n" + lines[1])
    assert load_recording(folder).problems == ("journal.jsonl: line 2 cannot be read",)


@pytest.mark.parametrize("name", ["journal.jsonl", "metrics.json"])
def test_a_missing_part_is_named_never_filled_in(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert any(problem.startswith(name) for problem in load_recording(folder).problems)


def test_metrics_that_are_missing_are_not_complete(folder: Path) -> None:
    (folder / "metrics.json").write_text("{")
    assert not load_recording(folder).metrics.complete


def test_a_folder_without_a_plan_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"plan\.json"):
        load_recording(tmp_path)


def test_a_damaged_plan_is_a_recording_problem(folder: Path) -> None:
    (folder / "plan.json").write_text("{")
    with pytest.raises(RecordingProblem, match=r"plan\.json"):
        load_recording(folder)


def test_another_schema_version_is_refused(folder: Path) -> None:
    path = folder / "journal.jsonl"
    path.write_text(path.read_text().replace('"schema_version":2', '"schema_version":3'))
    with pytest.raises(RecordingProblem, match="schema version 3"):
        load_recording(folder)


def test_a_full_disk_is_one_clear_error() -> None:
    with (
        JournalWriter(Path("/dev/full")) as journal,
        pytest.raises(EnvironmentProblem, match="No space left"),
    ):
        journal.write(STARTED)


def test_too_little_space_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="MB are free"):
        create_run_folder(tmp_path, "toy", needed=2**62)
    assert list(tmp_path.iterdir()) == []


def test_a_reports_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem, match="cannot write a run folder"):
        create_run_folder(tmp_path / "file", "toy")


def test_a_journal_of_the_first_version_is_still_read(folder: Path) -> None:
    path = folder / "journal.jsonl"
    path.write_text(path.read_text().replace('"schema_version":2', '"schema_version":1'))
    assert [e.schema_version for e in load_recording(folder).of(RunStarted)] == [1]
