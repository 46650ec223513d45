from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as Xml

from chaos.model.verdict import Outcome, worst_outcome
from chaos.report import BrokenRun, write_summary
from chaos.report.summary import Summary
from chaos.timeline.events import RunEnded
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

    assert worst_outcome([]) is Outcome.INCONCLUSIVE
    assert json.loads(texts["summary.json"])["outcome"] == "INCONCLUSIVE"
    assert "No scenario ran." in texts["index.html"]


def test_one_unsure_run_spoils_the_pass_of_all() -> None:
    assert worst_outcome([Outcome.PASS, Outcome.INCONCLUSIVE]) is Outcome.INCONCLUSIVE
    assert worst_outcome([Outcome.PASS, Outcome.ABORTED, Outcome.INCONCLUSIVE]) is Outcome.ABORTED
    assert worst_outcome([Outcome.PASS, Outcome.PASS]) is Outcome.PASS


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


def test_what_left_nothing_to_judge_stands_on_every_page_and_is_no_pass(tmp_path: Path) -> None:
    run = demo_recording("pass")
    broken = [BrokenRun(scenario="never-began", detail="the port <8000> is taken\n  fix: free it")]
    paths = write_summary([(run, judge(run), tmp_path / "run")], tmp_path / "summary", broken)
    texts = {path.name: path.read_text(encoding="utf-8") for path in paths}

    assert Summary.model_validate_json(texts["summary.json"]).outcome is Outcome.INCONCLUSIVE
    for name in ("index.html", "summary.md"):
        assert "1 of 2 scenarios passed, 1 left nothing to judge." in texts[name]
        assert "the port &lt;8000&gt; is taken" in texts[name]
    root = Xml.fromstring(texts["junit.xml"].encode())
    problem = root.find("testsuite[@name='never-began']/testcase/error")
    assert problem is not None
    assert (problem.get("type"), problem.get("message")) == ("harness", "the port <8000> is taken")
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == (
        str(len(judge(run).checks) + 1),
        "0",
        "1",
    )


def test_one_junit_file_tells_a_weak_system_from_no_answer_and_from_a_broken_harness(tmp_path: Path) -> None:
    runs = [demo_recording(kind) for kind in ("pass", "fail", "inconclusive", "aborted")]
    last = runs[0].events[-1]
    assert isinstance(last, RunEnded)
    fell = replace(runs[0], events=(*runs[0].events[:-1], last.model_copy(update={"error": "no engine"})))
    killed = replace(runs[0], events=runs[0].events[:-1])
    judged = [(run, judge(run), tmp_path / str(n)) for n, run in enumerate([*runs, fell, killed])]
    broken = [BrokenRun(scenario="gone", detail="")]
    paths = write_summary(judged, tmp_path / "summary", broken)
    root = Xml.parse(next(path for path in paths if path.name == "junit.xml")).getroot()

    said = [{(p.tag, p.get("type")) for case in suite for p in case if p.tag != "property"} for suite in root]
    weak, unsure, aborted, harness = (
        ("failure", "fail"),
        ("error", "inconclusive"),
        ("error", "aborted"),
        ("error", "harness"),
    )
    assert said[0] == set()
    assert weak in said[1]
    assert unsure in said[2]
    assert {weak, harness} & said[2] == set()
    assert harness not in said[3]
    assert said[3] & {unsure, aborted}
    assert [harness in one for one in said[4:]] == [True, True, True]
    assert [weak in one for one in said[4:]] == [False, False, False]
