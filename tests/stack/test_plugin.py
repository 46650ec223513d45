"""A fault, a check and a report format of another package: a run treats them like gameday's own."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path

import pytest

from chaos.history import read_verdict
from chaos.model.identity import SubjectKind
from chaos.model.verdict import Dimension, Outcome
from tests.plugin import ROOT, SCENARIO, fresh_environment, gameday

pytestmark = pytest.mark.containers
RUN_LIMIT = 240.0  # seconds: a run at pace 20 takes about one minute on two cores


def all_passed(python: Path, folder: Path, ended: subprocess.CompletedProcess[str]) -> bool:
    """As ``tests.stack.judged`` says, in the only environment that can read this run."""
    words = [str(python), "-m", "tests.stack.judged", str(ended.returncode), str(folder)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr + ended.stdout + ended.stderr
    return done.stdout.strip() == "passed"


def test_its_kinds_are_run_scored_waited_for_and_drawn(tmp_path: Path) -> None:
    python, reports = fresh_environment(tmp_path), tmp_path / "reports"
    ended = gameday(python, "run", SCENARIO, "--reports", str(reports), timeout=RUN_LIMIT)
    (folder,) = (path.parent for path in reports.glob("*/plan.json"))
    decided = all_passed(python, folder, ended)

    verdict = read_verdict((folder / "verdict.json").read_bytes())
    results = {result.key: result for result in verdict.checks}
    memory = results["memory.bounded"]  # type: ignore[index]
    assert memory.outcome is Outcome.PASS or not decided
    assert (memory.subject.kind, memory.subject.name) == (SubjectKind.SERVICE, "web")
    assert [mark.dimension for mark in memory.marks] == [Dimension.CONTAINMENT]
    (peak,) = memory.measures
    assert peak.value is not None
    assert 0 < peak.value < 200

    events = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines() if line]
    undone = next(event["mono"] for event in events if event.get("event") == "fault_reverted")
    read = [e["mono"] for e in events if e.get("event") == "sample" and e["probe"] == "memory: web"]
    assert max(read) >= undone + 12, "the run ended before the check had what it asked for"

    page = (folder / "report.html").read_text()
    assert "memory of web stays bounded" in page
    assert "process.suspend" in page
    with (folder / "report.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["check"] for row in rows} >= {"memory", "fault_effect", "recovery"}
