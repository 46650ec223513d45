"""Whole scenarios on real containers, by the command that users type; and the broken variants that must be
caught.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.model.identity import TIME_TO_DETECT
from chaos.model.verdict import CheckResult, Outcome, Verdict
from tests.stack.harness import COUNTER, Ended, Harness, gameday

pytestmark = pytest.mark.containers
RUN_LIMIT = 300.0  # seconds: a run at pace 20 takes about one minute on two cores


def failed(verdict: Verdict) -> dict[str, CheckResult]:
    return {result.title: result for result in verdict.checks if result.outcome is Outcome.FAIL}


def passes(ended: Ended, scenario: str) -> None:
    verdict = ended.verdict(scenario)
    assert verdict.outcome is Outcome.PASS, f"{verdict.reason}\n{ended.output}"
    assert verdict.score.certifiable
    assert {result.outcome for result in verdict.checks} == {Outcome.PASS}


def test_pms_and_counter_side_by_side_pass_and_do_not_disturb_each_other(tmp_path: Path) -> None:
    ended = Harness(tmp_path / "reports", "scenarios/pms/pms-down.yaml", COUNTER, "--jobs", "2").end(
        RUN_LIMIT
    )
    passes(ended, "pms-down")
    passes(ended, "redis-down")
    assert ended.code == 0
    (summary,) = (tmp_path / "reports").glob("*-summary-*/index.html")
    assert "pms-down" in summary.read_text()

    for folder in ended.folders:  # the same verdict, byte for byte, without an engine
        before = (folder / "verdict.json").read_bytes()
        (folder / "verdict.json").unlink()
        assert gameday("judge", str(folder)).returncode == 0
        assert (folder / "verdict.json").read_bytes() == before
        assert gameday("verify", str(folder)).returncode == 0

    alerts = [result for result in ended.verdict("pms-down").checks if result.check == "detection"]
    measured = {m.key: m for result in alerts for m in result.measures}
    detect = measured[TIME_TO_DETECT]
    assert detect.value is not None
    assert detect.limit is not None
    assert 0 < detect.value <= detect.limit


def test_database_down_passes(tmp_path: Path) -> None:
    ended = Harness(tmp_path / "reports", "scenarios/database/database-down.yaml").end(RUN_LIMIT)
    passes(ended, "database-down")
    assert ended.code == 0
    (folder,) = ended.folders
    assert (folder / "report.html").stat().st_size <= 2_000_000
    assert {path.name for path in folder.iterdir()} >= {
        *("scenario.yaml", "plan.json", "journal.jsonl", "load.jsonl", "metrics.json", "logs"),
        *("verdict.json", "report.html", "report.md", "junit.xml", "manifest.json"),
    }
    recording = ended.recording("database-down")
    assert recording.problems == ()
    files = [path for path in folder.rglob("*") if path.is_file()]
    secrets = ("agente-demo", "pms-demo-key")
    assert [(path, s) for path in files for s in secrets if s.encode() in path.read_bytes()] == []


def test_without_a_breaker_the_pms_scenario_fails_for_that_reason(tmp_path: Path) -> None:
    words = ("scenarios/pms/pms-errors.yaml", "--env", "DEFECT=no_breaker")
    ended = Harness(tmp_path / "reports", *words).end(RUN_LIMIT)
    assert ended.code == 1
    wrong = failed(ended.verdict("pms-errors"))
    assert wrong["breaker pms passes through the expected states"].actual == "never opened"
    assert "alert pms_circuit_breaker_open fires" in wrong


def test_without_a_fallback_the_pms_scenario_fails_for_that_reason(tmp_path: Path) -> None:
    words = ("scenarios/pms/pms-errors.yaml", "--env", "DEFECT=no_fallback")
    ended = Harness(tmp_path / "reports", *words).end(RUN_LIMIT)
    assert ended.code == 1
    wrong = failed(ended.verdict("pms-errors"))
    degraded = wrong["GET /availability degrades as promised"]
    assert "503" in degraded.actual or any("503" in piece.text for piece in degraded.evidence)
    assert "breaker pms passes through the expected states" not in wrong


def test_without_time_outs_slow_dependencies_fail_for_that_reason(tmp_path: Path) -> None:
    words = ("scenarios/database/database-slow.yaml", "scenarios/pms/pms-slow.yaml", "--jobs", "2")
    ended = Harness(tmp_path / "reports", *words, "--env", "DEFECT=no_timeout").end(RUN_LIMIT)
    assert ended.code == 1
    hangs = failed(ended.verdict("database-slow"))["POST /reservations degrades as promised"]
    assert any("timeout" in piece.text for piece in hangs.evidence)
    never_noticed = failed(ended.verdict("pms-slow"))
    assert never_noticed["breaker pms opens"].actual == "never opened"
    assert "GET /health/ready degrades as promised" in never_noticed
