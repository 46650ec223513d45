"""The files themselves: whole, escaped, free of secrets, and never a PASS of nothing."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from chaos.errors import EnvironmentProblem
from chaos.files import make_folder
from chaos.model.verdict import Evidence, Outcome, Score, Verdict
from chaos.report import write_reports, write_summary
from chaos.report.html import LIBRARY, breakable, content_policy, json_for_script
from chaos.timeline.damage import Damage
from chaos.timeline.events import RunStarted
from chaos.timeline.recording import Recording
from chaos.verdict import judge
from tests.recordings import Kind, demo_recording
from tests.results import a_result

HOSTILE = '</script><script>alert("x")</script><img src=x onerror=y> | `a` [b](c)\x00 & \u2028'
KINDS: tuple[Kind, ...] = ("pass", "fail", "inconclusive", "aborted")


class Tags(HTMLParser):
    """Counts tags, and collects the contents of scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}
        self.scripts: list[str] = []
        self.addresses: list[str] = []
        self._script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.counts[tag] = self.counts.get(tag, 0) + 1
        self._script = tag == "script"
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action")]

    def handle_endtag(self, tag: str) -> None:
        self._script = False

    def handle_data(self, data: str) -> None:
        if self._script:
            self.scripts.append(data)


def written(recording: Recording, folder: Path, verdict: Verdict | None = None) -> dict[str, str]:
    paths = write_reports(recording, verdict or judge(recording), make_folder(folder))
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


def hostile_run() -> tuple[Recording, Verdict]:
    recording = demo_recording("fail")
    scenario = recording.plan.scenario.model_copy(update={"title": HOSTILE})
    plan = recording.plan.model_copy(update={"scenario": scenario})
    evidence = (Evidence(text=HOSTILE, at=1.0),)
    check = a_result("breaker", Outcome.FAIL, title=HOSTILE, texts=HOSTILE, evidence=evidence)
    score = Score(total=1.0, certifiable=True)
    verdict = Verdict(scenario="toy", outcome=Outcome.FAIL, reason=HOSTILE, score=score, checks=(check,))
    return replace(recording, plan=plan, problems=(Damage(HOSTILE, HOSTILE),)), verdict


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_is_one_file_of_at_most_two_megabytes_that_asks_for_nothing(
    kind: Kind, tmp_path: Path
) -> None:
    html = written(demo_recording(kind), tmp_path)["report.html"]
    tags = Tags(html)

    assert len(html.encode()) <= 2 * 1024 * 1024
    assert set(tags.addresses) == {"data:,"}
    assert "@import" not in html.split("<main>")[0]


def test_the_pace_stands_on_the_first_line_of_page_and_markdown(tmp_path: Path) -> None:
    texts = written(demo_recording("pass"), tmp_path)

    assert texts["report.md"].splitlines()[0].startswith("_Pace 20: ")
    assert re.search(r"<main>\s*<header>\s*<p class=\"pace\"><span>pace 20: ", texts["report.html"])


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    clean = Tags(written(demo_recording("fail"), tmp_path / "clean")["report.html"])
    texts = written(*hostile_run()[:1], tmp_path, hostile_run()[1])
    tags = Tags(texts["report.html"])

    assert tags.counts["script"] == clean.counts["script"]
    assert "img" not in tags.counts
    assert HOSTILE[:20] not in texts["report.html"]
    json.loads(tags.scripts[0])
    Xml.fromstring(texts["junit.xml"].encode())
    assert "<script" not in texts["report.md"]
    rows = [line for line in texts["report.md"].splitlines() if "❌ FAIL |" in line]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [5]


def test_no_text_breaks_out_of_the_data_of_the_script() -> None:
    text = str(json_for_script({"name": HOSTILE}))

    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"name": HOSTILE}


def test_names_break_after_underscores_and_stay_escaped() -> None:
    assert str(breakable("dep_down <b>")) == "dep_<wbr>down &lt;b&gt;"


def test_the_policy_allows_exactly_the_scripts_of_the_page(tmp_path: Path) -> None:
    html = written(demo_recording("pass"), tmp_path)["report.html"]
    policy = content_policy(tuple(Tags(html).scripts[1:]))

    assert "default-src 'none'" in policy
    assert policy.replace("'", "&#39;") in html


@pytest.mark.parametrize("kind", KINDS)
def test_values_of_redacted_variables_appear_nowhere(kind: Kind, tmp_path: Path) -> None:
    recording = demo_recording(kind)
    stack = recording.plan.stack.model_copy(update={"redact": ["API_TOKEN"]})
    env = {"web": {"API_TOKEN": "s3cr3t<value>", "MODE": "plain-value"}}
    plan = recording.plan.model_copy(update={"stack": stack, "env": env})
    events = tuple(
        event.model_copy(update={"versions": {"tool": "built with s3cr3t<value>"}})
        if isinstance(event, RunStarted)
        else event
        for event in recording.events
    )
    run = replace(
        recording,
        plan=plan,
        events=events,
        problems=(Damage("load.jsonl", "login with s3cr3t<value> refused"),),
    )
    write_summary([(run, judge(run), tmp_path)], tmp_path / "summary")
    texts = written(run, tmp_path)

    assert "plain-value" in texts["report.html"]
    assert "API_TOKEN=••••" in texts["report.html"]
    for path in [p for p in tmp_path.rglob("*") if p.is_file()]:
        assert "s3cr3t" not in path.read_text(encoding="utf-8"), path.name


@pytest.mark.parametrize(
    ("kind", "tag"), [("fail", "failure"), ("inconclusive", "error"), ("aborted", "error")]
)
def test_junit_tells_failures_from_what_is_unknown(kind: Kind, tag: str, tmp_path: Path) -> None:
    recording = demo_recording(kind)
    verdict = judge(recording)
    suite = Xml.fromstring(written(recording, tmp_path, verdict)["junit.xml"].encode())[0]

    failed = sum(check.outcome is Outcome.FAIL for check in verdict.checks)
    unsure = sum(check.outcome is Outcome.INCONCLUSIVE for check in verdict.checks)
    assert len(suite.findall("testcase/failure")) == failed
    assert len(suite.findall("testcase/error")) >= unsure
    assert suite.find(f"testcase/{tag}") is not None
    assert suite.find("testcase/skipped") is None
    properties = {p.get("name"): p.get("value") for p in suite.iter("property")}
    assert properties["pace"] == "20"
    assert properties["outcome"] == verdict.outcome


def test_junit_of_a_passed_run_has_a_case_for_each_check(tmp_path: Path) -> None:
    recording = demo_recording("pass")
    verdict = judge(recording)
    suite = Xml.fromstring(written(recording, tmp_path, verdict)["junit.xml"].encode())[0]

    assert len(suite.findall("testcase")) == len(verdict.checks)
    assert (suite.get("failures"), suite.get("errors")) == ("0", "0")


@pytest.mark.parametrize("outcome", [Outcome.INCONCLUSIVE, Outcome.ABORTED, Outcome.PASS])
def test_a_run_without_checks_is_an_error_in_junit_whatever_it_claims(
    outcome: Outcome, tmp_path: Path
) -> None:
    score = Score(total=None, certifiable=False)
    verdict = Verdict(scenario="toy-down", outcome=outcome, reason="nothing", score=score, checks=())
    suite = Xml.fromstring(written(demo_recording("pass"), tmp_path, verdict)["junit.xml"].encode())[0]

    assert suite.get("errors") == "1"


def test_a_report_of_an_empty_recording_says_no_data(tmp_path: Path) -> None:
    texts = written(Recording(demo_recording("pass").plan, ()), tmp_path)

    for name in ("report.html", "report.md"):
        visible = re.sub(r"<(script|style)\b.*?</\1>", "", texts[name], flags=re.DOTALL)
        assert "no data" in visible
        assert not re.search(r"\bPASS\b", visible.replace("so no PASS", ""))
        assert "0 %" not in visible


def test_a_score_that_is_not_certifiable_is_marked_in_every_format(tmp_path: Path) -> None:
    texts = written(demo_recording("inconclusive"), tmp_path)

    for name in ("report.html", "report.md"):
        assert "not certifiable" in texts[name]
    assert '<property name="certifiable" value="false"' in texts["junit.xml"]


def test_reports_of_the_same_recording_are_the_same_byte_for_byte(tmp_path: Path) -> None:
    assert written(demo_recording("fail"), tmp_path / "a") == written(demo_recording("fail"), tmp_path / "b")


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")

    with pytest.raises(EnvironmentProblem, match="cannot be made"):
        written(demo_recording("pass"), blocked / "run")


def test_the_charting_library_is_the_one_of_its_note() -> None:
    library = files("chaos.report").joinpath(LIBRARY).read_bytes()
    note = files("chaos.report").joinpath("vendor/echarts/PROVENANCE.md").read_text(encoding="utf-8")

    assert hashlib.sha256(library).hexdigest() in note
