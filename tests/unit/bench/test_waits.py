from pathlib import Path

import pytest

from bench.waits import injections, newest_whole, phases
from tests.recordings import demo_recording


def seconds(cell: str) -> float:
    return float(cell.removesuffix(" s"))


def test_the_phases_fill_the_whole_run_and_only_the_timeline_was_planned() -> None:
    recording = demo_recording("pass")
    rows = phases(recording)
    assert [row[0] for row in rows] == ["start", "steady", "timeline", "recovery", "teardown"]
    # all but the instant between the first event and the first phase
    assert sum(seconds(row[1]) for row in rows) == pytest.approx(recording.ended - recording.began, abs=0.2)
    (timeline,) = [row for row in rows if row[2]]
    assert timeline[0] == "timeline"
    assert seconds(timeline[3]) == pytest.approx(seconds(timeline[1]) - seconds(timeline[2]), abs=0.01)


def test_each_injection_stands_beside_its_plan() -> None:
    (row,) = injections(demo_recording("pass"))
    assert [cell[-1] for cell in row[1:]] == ["s", "s", "s"]


def test_an_injection_that_is_missing_is_reported() -> None:
    recording = demo_recording("pass")
    without = type(recording)(
        recording.plan, tuple(e for e in recording.events if e.event != "fault_injected")
    )
    assert [row[1] for row in injections(without)] == ["not recorded"]


def test_without_runs_there_is_nothing_to_tell(tmp_path: Path) -> None:
    assert newest_whole(tmp_path) is None
