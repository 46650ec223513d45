"""A recording in the formats of other people's tools."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from chaos.app.arguments.project import EXPORTS
from chaos.app.command_context import CommandContext
from chaos.app.stored_runs import export
from chaos.cli import main
from chaos.export import FORMATS
from chaos.timeline.recording import Recording
from chaos.timeline.requests import Requests
from tests.recording_builder import BEGAN, RecordingBuilder


def recorded() -> Recording:
    return RecordingBuilder().steady().fault(20, 44).load(0, 60).clean().end(60)


def test_the_command_line_offers_what_there_is() -> None:
    assert set(EXPORTS) == set(FORMATS)


def test_csv_has_a_row_for_each_thing_in_order() -> None:
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"](recorded()))))
    assert [row["kind"] for row in rows if row["kind"] in ("fault", "undone")] == ["fault", "undone"]
    seconds = [float(row["seconds"]) for row in rows]
    assert seconds == sorted(seconds)
    requests = [row for row in rows if row["kind"] == "request"]
    assert len(requests) == len(recorded().requests)
    assert {row["status"] for row in requests} <= {"200", "503", "0"}


def test_a_request_that_no_calendar_has_an_instant_for_is_a_row_all_the_same() -> None:
    run = recorded()
    odd = next(iter(run.requests)).model_copy(update={"latency": 1e17})
    rows = list(csv.DictReader(io.StringIO(FORMATS["csv"](replace(run, requests=Requests.of([odd]))))))
    assert [row["utc"] for row in rows if row["kind"] == "request"] == [""]


def test_an_annotation_covers_the_fault() -> None:
    (fault,) = (one for one in json.loads(FORMATS["grafana"](recorded())) if "fault" in one["tags"])
    assert (fault["time"], fault["timeEnd"]) == (round((BEGAN + 20.1) * 1000), round((BEGAN + 44) * 1000))
    assert "gameday" in fault["tags"]


def test_a_trace_has_a_track_for_each_kind_of_request() -> None:
    events = json.loads(FORMATS["perfetto"](recorded()))["traceEvents"]
    tracks = {event["args"]["name"] for event in events if event["ph"] == "M"}
    assert {"faults", *(request.name for request in recorded().requests)} == tracks
    (fault,) = (e for e in events if e["ph"] == "X" and e["ts"] == 20_100_000 and e["dur"] == 23_900_000)
    assert fault["pid"] == 1


def test_series_are_grouped_rise_and_end_as_the_specification_asks() -> None:
    lines = FORMATS["openmetrics"](recorded()).splitlines()
    assert lines[-1] == "# EOF"
    families = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert families == list(dict.fromkeys(families))
    seen: dict[str, float] = {}
    for line in (line for line in lines if not line.startswith("#")):
        series, _, at = line.rsplit(" ", 2)
        assert seen.get(series, 0.0) < float(at), "instants of a series rise"
        seen[series] = float(at)


@pytest.mark.parametrize("name", EXPORTS)
def test_a_folder_that_is_no_run_is_refused(name: str, tmp_path: Path) -> None:
    err = io.StringIO()
    context = CommandContext(out=io.StringIO(), err=err, cwd=tmp_path)
    assert main(["export", "nothing", "--format", name], context) == 4
    assert "not a run folder" in err.getvalue()


@pytest.mark.parametrize("there", ["a file", "a link", "a link to nothing"])
def test_what_exists_is_never_overwritten(
    there: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "load_recording", lambda path: recorded())
    out, kept = tmp_path / "run.csv", tmp_path / "kept"
    if there != "a link to nothing":
        kept.write_text("mine")
    out.write_text("mine") if there == "a file" else out.symlink_to(kept)
    err = io.StringIO()
    context = CommandContext(out=io.StringIO(), err=err, cwd=tmp_path)
    words = ["export", "run", "--format", "csv", "--out"]
    assert main([*words, "run.csv"], context) == 4
    assert err.getvalue().startswith("run.csv: this file already exists")
    assert out.is_symlink() == (there != "a file")
    assert not kept.exists() if there == "a link to nothing" else kept.read_text() == "mine"
    assert main([*words, "new.csv"], context) == 0
    assert (tmp_path / "new.csv").read_text().startswith("seconds,")
