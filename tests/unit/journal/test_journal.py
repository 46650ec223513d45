"""The run folder: written line by line, readable after a crash, with a clear error for a full disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from chaos.errors import BadInput, EnvironmentProblem, RecordingProblem
from chaos.faults.container_kill import ContainerKill
from chaos.journal import JournalWriter, create_run_folder, load_recording
from chaos.timeline.damage import Damage
from chaos.timeline.events import (
    EVENT,
    Event,
    FaultMeasured,
    Measurement,
    Phase,
    PhaseBegan,
    RunEnded,
    RunStarted,
    Sample,
    SteadyState,
)
from chaos.timeline.lines import read_lines
from chaos.timeline.recording import Metrics, Series
from tests.runner_harness import plan

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
            FaultMeasured(at=1.0, mono=1.0, index=0, when="during", took_effect=True, measurement=witness)
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
    lines = [EVENT.validate_json(line.body) for line in read_lines(path.read_bytes()).lines]
    assert lines[0] == STARTED
    assert isinstance(lines[1], Sample)
    assert (lines[1].probe, lines[1].value) == ("p", None)


@pytest.mark.parametrize("instant", ["Infinity", "-Infinity", "NaN", "1e999", "1e17", "-1e17"])
def test_an_instant_that_no_clock_gives_makes_a_line_that_cannot_be_read(instant: str) -> None:
    line = f'{{"at":1.0,"mono":{instant},"event":"run_held","author":"","reason":""}}'
    assert EVENT.validate_json(line.replace(instant, "1.0"))
    for wrong in (line, line.replace("1.0", instant, 1).replace(f'"mono":{instant}', '"mono":1.0')):
        with pytest.raises(ValidationError):
            EVENT.validate_json(wrong)


def test_a_line_cut_off_by_a_kill_is_named_and_the_rest_stands(folder: Path) -> None:
    path = folder / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b'{"lines":2}\n', b'{"seq":3,"event":"phase_be'))
    recording = load_recording(folder)
    assert recording.events == (STARTED, BEGAN)
    assert recording.problems == (Damage("journal.jsonl", "line 3 cut off"),)


def test_a_damaged_line_is_named(folder: Path) -> None:
    path = folder / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b'{"seq":2,"event":"?"}\n' + lines[2])
    assert load_recording(folder).problems == (Damage("journal.jsonl", "line 2 cannot be read"),)


@pytest.mark.parametrize("name", ["journal.jsonl", "metrics.json"])
def test_a_missing_part_is_named_never_filled_in(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert any(problem.file == name for problem in load_recording(folder).problems)


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
    path.write_text(path.read_text().replace('"schema_version":3', '"schema_version":4'))
    with pytest.raises(RecordingProblem, match="schema version 4"):
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


@pytest.mark.parametrize("version", [1, 2])
def test_a_journal_of_an_older_version_is_still_read(folder: Path, version: int) -> None:
    as_written_by(version, folder / "journal.jsonl")
    recording = load_recording(folder)
    assert (recording.version, len(recording.events), recording.problems) == (version, 2, ())


def as_written_by(version: int, path: Path) -> None:
    """Rewrite the journal without line numbers, as before version 3."""
    bodies = [line.body for line in read_lines(path.read_bytes()).lines]
    old = b'"schema_version":%d' % version
    path.write_bytes(b"".join(body.replace(b'"schema_version":3', old) + b"\n" for body in bodies))


RUN: tuple[Event, ...] = (
    STARTED,
    *(PhaseBegan(at=101.0 + n, mono=2.0 + n, phase=phase) for n, phase in enumerate(list(Phase)[:4])),
)
ENDED = RunEnded(at=106.0, mono=7.0)


@pytest.fixture
def whole(folder: Path) -> list[bytes]:
    """The lines of a complete journal: 6 events and the last line with the count."""
    path = folder / "journal.jsonl"
    path.unlink()
    with JournalWriter(path) as journal:
        for event in (*RUN, ENDED):
            journal.write(event)
    assert load_recording(folder).problems == ()
    return path.read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize(
    ("order", "problem"),
    [
        ((0, 1, 3, 4, 5, 6), "line 3 is missing"),
        ((0, 3, 4, 5, 6), "lines 2 to 3 are missing"),
        ((1, 2, 3, 4, 5, 6), "line 1 is missing"),
        ((0, 1, 1, 2, 3, 4, 5, 6), "line 2 is there more than once"),
        ((0, 1, 3, 2, 4, 5, 6), "line 3 is out of order"),
        (
            (0, 1, 2, 3, 4, 5),
            "the last line, which holds the count, is missing: lines may be lost at the end",
        ),
        ((0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6), "lines 1 to 6 are there more than once"),
    ],
)
def test_lines_that_are_lost_doubled_or_moved_are_found(
    folder: Path, whole: list[bytes], order: tuple[int, ...], problem: str
) -> None:
    (folder / "journal.jsonl").write_bytes(b"".join(whole[place] for place in order))
    assert load_recording(folder).problems == (Damage("journal.jsonl", problem),)


def test_an_event_at_the_end_that_was_cut_off_with_the_count_is_found(
    folder: Path, whole: list[bytes]
) -> None:
    """Without its last event the journal is that of a killed run: no damage, and the verdict is ABORTED."""
    (folder / "journal.jsonl").write_bytes(b"".join(whole[:5]))
    recording = load_recording(folder)
    assert recording.problems == ()
    assert not list(recording.of(RunEnded))


def test_an_older_journal_shows_only_identical_lines(folder: Path, whole: list[bytes]) -> None:
    path = folder / "journal.jsonl"
    as_written_by(2, path)
    path.write_bytes(path.read_bytes() * 2)
    lines = "lines 7 to 12 are there more than once"
    assert load_recording(folder).problems == (Damage("journal.jsonl", lines),)


def test_a_journal_that_broke_is_closed_without_a_count(folder: Path) -> None:
    journal = JournalWriter(Path("/dev/full"))
    with pytest.raises(EnvironmentProblem):
        journal.write(STARTED)
    journal.close()


def test_lines_of_an_old_journal_in_another_order_are_a_problem_of_it(tmp_path: Path) -> None:
    """Version 2 has no line numbers, and the end of a fault may be written slightly late."""
    run = create_run_folder(tmp_path, "toy", needed=0)
    run.plan.write_text(plan(KILL).model_dump_json())
    run.metrics.write_text(Metrics(complete=True).model_dump_json())
    late = [PhaseBegan(at=101.0 + 5 * i, mono=2.0 + 5 * i, phase=phase) for i, phase in enumerate(Phase)]
    first = RunStarted(at=100.0, mono=1.0, run_id="abc123", schema_version=2)
    nearly = late[1].model_copy(update={"mono": late[0].mono - 0.2, "at": late[0].at - 0.2})

    def problems(*events: Event) -> tuple[str, ...]:
        run.journal.write_text("".join(event.model_dump_json() + "\n" for event in events))
        return tuple(map(str, load_recording(run.path).problems))

    assert problems(first, *late) == ()
    assert problems(first, late[0], nearly, *late[2:]) == ()
    (found,) = problems(first, *reversed(late))
    assert found.startswith("journal.jsonl: its lines are out of order: the monotonic clock goes back")


def test_samples_in_another_order_or_there_twice_are_a_problem_of_the_metrics(folder: Path) -> None:
    series = Series(metric="up", labels={}, samples=((100.0, 1.0), (101.0, 1.0), (102.0, 0.0)))
    other = series.model_copy(update={"labels": {"job": "b"}})
    turned = series.model_copy(update={"metric": "down", "samples": series.samples[::-1]})
    again = series.model_copy(update={"metric": "gauge", "samples": (*series.samples, (102.0, 1.0))})

    def problems(*found: Series) -> tuple[str, ...]:
        (folder / "metrics.json").write_text(Metrics(complete=True, series=found).model_dump_json())
        return tuple(map(str, load_recording(folder).problems))

    assert problems(series, other) == ()
    assert problems(series, turned) == ("metrics.json: samples are out of order: down",)
    assert problems(series, other, series) == ("metrics.json: samples are there more than once: up",)
    assert problems(series, again) == ("metrics.json: samples are there more than once: gauge",)


def test_an_alert_without_its_name_or_state_is_named_and_left_out(folder: Path) -> None:
    """gameday report had a traceback for it, and the judge said that the check crashed."""
    named = Series(metric="ALERTS", labels={"alertname": "down", "alertstate": "firing"}, samples=())
    stateless = Series(metric="ALERTS", labels={"alertname": "down"}, samples=((1.0, 1.0),))
    nameless = Series(metric="ALERTS_FOR_STATE", labels={}, samples=((1.0, 1.0),))
    other = Series(metric="up", labels={}, samples=())
    metrics = Metrics(complete=True, series=(named, stateless, nameless, other))
    (folder / "metrics.json").write_text(metrics.model_dump_json())
    loaded = load_recording(folder)
    assert loaded.metrics.series == (named, other)
    assert tuple(map(str, loaded.problems)) == (
        "metrics.json: 1 series of ALERTS without the label alertname or alertstate",
        "metrics.json: 1 series of ALERTS_FOR_STATE without the label alertname",
    )
