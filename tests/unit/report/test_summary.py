from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

from chaos.model.verdict import Outcome
from chaos.report import write_summary
from chaos.report.summary import Summary, merged
from chaos.verdict import judge
from tests.recordings import Kind, demo_recording


def summarised(root: Path, *kinds: Kind) -> dict[str, str]:
    runs = [(r := demo_recording(kind), judge(r), root / f"run {kind}") for kind in kinds]
    return {path.name: path.read_text(encoding="utf-8") for path in write_summary(runs, root / "summary")}


def test_the_worst_outcome_wins_and_comes_first(tmp_path: Path) -> None:
    texts = summarised(tmp_path, "pass", "inconclusive", "fail")
    summary = Summary.model_validate_json(texts["summary.json"])

    assert summary.outcome is Outcome.FAIL
    assert [run.outcome for run in summary.runs] == [Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS]
    assert "1 of 3 scenarios passed, 1 failed, 1 inconclusive." in texts["index.html"]
    assert "1 of 3 scenarios passed, 1 failed, 1 inconclusive." in texts["summary.md"]


def test_no_run_is_no_pass(tmp_path: Path) -> None:
    texts = summarised(tmp_path)

    assert merged([]) is Outcome.INCONCLUSIVE
    assert json.loads(texts["summary.json"])["outcome"] == "INCONCLUSIVE"
    assert "No scenario ran." in texts["index.html"]


def test_one_unsure_run_spoils_the_pass_of_all() -> None:
    assert merged([Outcome.PASS, Outcome.INCONCLUSIVE]) is Outcome.INCONCLUSIVE
    assert merged([Outcome.PASS, Outcome.ABORTED, Outcome.INCONCLUSIVE]) is Outcome.ABORTED
    assert merged([Outcome.PASS, Outcome.PASS]) is Outcome.PASS


def test_links_are_relative_and_quoted(tmp_path: Path) -> None:
    texts = summarised(tmp_path, "pass")

    assert 'href="../run%20pass/report.html"' in texts["index.html"]
    assert "(../run%20pass/report.html)" in texts["summary.md"]
    assert json.loads(texts["summary.json"])["runs"][0]["report"] == "../run%20pass/report.html"


def test_what_is_unknown_is_null_and_not_zero(tmp_path: Path) -> None:
    (run,) = json.loads(summarised(tmp_path, "inconclusive")["summary.json"])["runs"]

    assert run["noticed_after"] is None
    assert run["certifiable"] is False
    assert run["requests"] > 0


def test_junit_has_one_suite_a_scenario(tmp_path: Path) -> None:
    root = Xml.fromstring(summarised(tmp_path, "pass", "fail")["junit.xml"].encode())

    assert len(root.findall("testsuite")) == 2
    assert root.get("failures") == root.findall("testsuite")[1].get("failures") != "0"
