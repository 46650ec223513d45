"""Reading load.jsonl: separates answered and waiting requests, and finds every lost line."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.faults.container_kill import ContainerKill
from chaos.journal import JournalWriter, create_run_folder, load_recording
from chaos.journal.folder import RunFolder
from chaos.model.scenario import Load
from chaos.timeline.damage import Damage
from chaos.timeline.events import RunEnded, RunStarted
from chaos.timeline.lines import LineCounter
from chaos.timeline.recording import Metrics, Unanswered
from chaos.timeline.requests import Request
from tests.runner_harness import plan

KILL = ContainerKill.model_validate({"at": "2s", "for": "10s", "fault": "container.kill", "service": "cache"})
WAITING = Unanswered(
    intended=104.0, sent=104.0, name="GET /", waited=2.0, intended_mono=5.0, sent_mono=5.0, patience=10.0
)


def request(number: int) -> Request:
    at = 100.0 + number
    return Request(
        intended=at,
        sent=at,
        latency=0.1,
        name="GET /",
        status=200,
        served=True,
        intended_mono=1.0 + number,
        sent_mono=1.0 + number,
        patience=10.0,
    )


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = create_run_folder(tmp_path, "toy", needed=0)
    made = plan(KILL)
    scenario = made.scenario.model_copy(update={"load": Load(profile="users")})
    folder.plan.write_text(made.model_copy(update={"scenario": scenario}).model_dump_json())
    folder.metrics.write_text(Metrics(complete=True).model_dump_json())
    with JournalWriter(folder.journal) as journal:
        journal.write(RunStarted(at=100.0, mono=1.0, run_id="abc123"))
        journal.write(RunEnded(at=106.0, mono=7.0))
    counter = LineCounter()
    lines = [counter.number(line.model_dump_json().encode()) for line in (*map(request, range(4)), WAITING)]
    folder.load.write_bytes(b"".join([*lines, counter.end()]))
    return folder


def test_what_waited_is_kept_apart_from_what_was_answered(run: RunFolder) -> None:
    recording = load_recording(run.path)
    assert (tuple(recording.requests), recording.waiting, recording.problems) == (
        tuple(request(number) for number in range(4)),
        (WAITING,),
        (),
    )


@pytest.mark.parametrize(
    ("lost", "problem"),
    [
        ((2,), "line 3 is missing"),
        ((0, 1), "lines 1 to 2 are missing"),
        ((4,), "line 5 is missing"),
        ((5,), "the last line, which holds the count, is missing: lines may be lost at the end"),
    ],
)
def test_lines_that_are_lost_are_a_problem_of_the_load(
    run: RunFolder, lost: tuple[int, ...], problem: str
) -> None:
    lines = run.load.read_bytes().splitlines(keepends=True)
    run.load.write_bytes(b"".join(line for place, line in enumerate(lines) if place not in lost))
    assert load_recording(run.path).problems == (Damage("load.jsonl", problem),)


def test_numbers_that_were_taken_away_are_a_problem(run: RunFolder) -> None:
    run.load.write_text("\n".join(request(number).model_dump_json() for number in range(4)) + "\n")
    problems = load_recording(run.path).problems
    assert problems[0] == Damage("load.jsonl", "lines 1 to 4 are without a number")


@pytest.mark.parametrize("value", [b"-5.0", b"NaN", b"Infinity"])
def test_a_latency_that_no_clock_gives_is_a_problem_of_the_load(run: RunFolder, value: bytes) -> None:
    text = run.load.read_bytes()
    run.load.write_bytes(text.replace(b'"latency":0.1', b'"latency":' + value, 1))
    recording = load_recording(run.path)
    assert len(recording.requests) == 3
    assert Damage("load.jsonl", "line 1 cannot be read") in recording.problems
