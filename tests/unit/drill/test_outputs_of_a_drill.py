"""The files of a drill: whole, escaped, in agreement with each other, and never better than what was seen."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from chaos.drill import Drill, read_drill, write_drill
from chaos.errors import DamagedRecording, EnvironmentProblem, RecordingProblem
from chaos.evidence import SealState
from tests.drills import DrillKind, demo_drill

KINDS: tuple[DrillKind, ...] = ("good", "mixed", "unknown", "empty")
HOSTILE = '</style><script>alert("x")</script><img src=x onerror=y> | `a` [b](c) & \u2028'


def written(kind: DrillKind, folder: Path) -> dict[str, str]:
    _, paths = write_drill(demo_drill(kind, folder), folder / kind)
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_is_written_and_they_agree(tmp_path: Path, kind: DrillKind) -> None:
    files = written(kind, tmp_path)
    assert list(files) == ["report.html", "report.md", "drill.json", "junit.xml"]
    stored = read_drill(files["drill.json"].encode())
    shown = "–" if stored.total is None else f"{stored.total:g}"
    assert f"## {files['report.md'].split('## ')[1][0]}" in files["report.md"]
    number = "no grade, **not complete**" if stored.missing else f"grade {stored.grade}, {shown} / 100"
    assert number in files["report.md"]
    assert f"<strong>{stored.grade}</strong>" in files["report.html"]
    assert ("not certifiable" in files["report.html"]) is not stored.certifiable
    assert ("not certifiable" in files["report.md"]) is not stored.certifiable
    suites = Xml.fromstring(files["junit.xml"])
    assert len(suites) == len(stored.runs)


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_asks_for_nothing_and_runs_nothing(tmp_path: Path, kind: DrillKind) -> None:
    page = written(kind, tmp_path)["report.html"]
    assert "default-src &#39;none&#39;; script-src &#39;none&#39;" in page
    assert not re.search(r"<script|<img|<link (?!rel=\"icon\" href=\"data:)|https?://|url\(", page)


def test_a_stranger_learns_what_was_drilled_with_what_and_at_which_pace(tmp_path: Path) -> None:
    made = demo_drill("good", tmp_path)
    judged = made.parts[0].judged
    assert judged is not None
    plan = judged.recording.plan
    source = plan.source.model_copy(update={"git_commit": "217be5123a1089d257dab8d8d88462ee61fd12d7"})
    first, *events = judged.recording.events
    versions = {"gameday-harness": "0.1.0", "engine": "27.3.1", "httpx": "0.28.1"}
    recording = replace(
        judged.recording,
        plan=plan.model_copy(update={"source": source}),
        events=(first.model_copy(update={"versions": versions}), *events),
    )
    part = replace(made.parts[0], judged=replace(judged, recording=recording))
    _, paths = write_drill(replace(made, parts=(part,)), tmp_path / "drill")
    page, text, stored = (path.read_text(encoding="utf-8") for path in paths[:3])
    origin = "stack toy · git 217be512 · gameday 0.1.0 · Docker Engine 27.3.1"
    for file in (page, text, stored):
        assert origin in file
        assert "owners of the stack" in file
        assert "(stack.yaml, outage_cost)" not in file
    for file in (page, text):
        assert "Pace 20 makes waits that policy sets" in file
    _, paths = write_drill(replace(made, parts=(), paces=(1.0,)), tmp_path / "none")
    page = paths[0].read_text(encoding="utf-8")
    assert "git not known · gameday not known · Docker Engine not known" in page
    assert "makes waits" not in page


def test_the_page_of_a_mixed_drill_says_what_an_auditor_asks(tmp_path: Path) -> None:
    page = written("mixed", tmp_path)["report.html"]
    for words in (
        "No grade, a scenario is missing. site-loss: the engine went away: no space left on device.",
        "1 kept, 1 missed, 2 not measured",
        "at least 597.22 USD",
        "4300.0 s × 500 USD / 3600 s = 597.22 USD",
        "lost gd-20231114-orders-00000",
        "stopped at restore: no backup to restore",
        "last proven 94 days ago",
        "3f2a" * 16,
        "Sign-off",
    ):
        assert words in page, words
    assert page.count('<span class="blank">fill in</span>') >= 9 + 3


def test_the_markdown_marks_its_blanks_and_names_every_step(tmp_path: Path) -> None:
    text = written("mixed", tmp_path)["report.md"]
    assert text.count("`[fill in]`") >= 9 + 3
    assert "| restore-database | restore | 20 min | not done |" in text
    said = "| database (Restore database) | 1 | 1 h | never | ❌ missed (in database-loss; not measured in "
    assert said in text


def test_junit_reports_an_unknown_scenario_as_an_error(tmp_path: Path) -> None:
    suites = Xml.fromstring(written("mixed", tmp_path)["junit.xml"])
    (suite,) = [suite for suite in suites if suite.get("name") == "site-loss"]
    assert suite.get("errors") == "1"
    assert "no space left on device" in Xml.tostring(suite, encoding="unicode")


def test_the_figures_of_drill_json(tmp_path: Path) -> None:
    stored = read_drill(written("mixed", tmp_path)["drill.json"].encode())
    loss, failover, *_, site = stored.runs
    assert (loss.outage_seconds, loss.outage, loss.money) == (None, "it did not end", None)
    assert (failover.outage_seconds, failover.money) == (4300.0, 597.22)
    assert (site.outcome, site.folder, site.score) == (None, "", None)
    database = next(one for one in stored.objectives if one.objective == "database")
    assert (database.rto.state, database.rto.measured, database.rpo.measured) == ("missed", None, 1260.0)
    assert not stored.complete


@pytest.mark.parametrize("text", [b"", b"[]", b'{"schema_version": 1}', b'{"drill": 3}'])
def test_what_is_no_drill_json_is_reported(text: bytes) -> None:
    with pytest.raises(RecordingProblem, match=r"drill\.json cannot be read: "):
        read_drill(text)


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    made = demo_drill("mixed", tmp_path)
    parts = (replace(made.parts[0], title=HOSTILE), *made.parts[1:-1], replace(made.parts[-1], why=HOSTILE))
    _, paths = write_drill(replace(made, parts=parts), tmp_path / "drill")
    page, text = (path.read_text(encoding="utf-8") for path in paths[:2])
    assert "<script" not in page
    assert "<img" not in page
    assert "<script" not in text
    assert "](c)" not in text.replace("\\](c)", "")


def test_a_folder_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "drill").write_text("a file")
    with pytest.raises(EnvironmentProblem, match="drill cannot be made"):
        write_drill(demo_drill("good", tmp_path), tmp_path / "drill")


@pytest.mark.parametrize("name", ["../elsewhere", "/etc", "..", ".", "a/b", "a\\b", "a\nb", "a\n", "x" * 300])
@pytest.mark.parametrize("place", ["drill", "folder"])
def test_a_name_of_a_folder_in_drill_json_leads_nowhere_else(tmp_path: Path, place: str, name: str) -> None:
    stored = json.loads(written("mixed", tmp_path)["drill.json"])
    if place == "drill":
        stored["drill"] = name
    else:
        stored["runs"][0]["folder"] = name
    with pytest.raises(DamagedRecording, match=place):
        read_drill(json.dumps(stored).encode())


def test_a_drill_with_changed_evidence_is_not_certifiable(tmp_path: Path) -> None:
    """--unsealed draws it all the same; the figures rest on files that someone changed."""
    made = demo_drill("good", tmp_path)
    assert read_drill(_drawn(made, tmp_path / "intact")["drill.json"].encode()).certifiable
    first = made.parts[0]
    assert first.judged is not None
    changed = replace(first, judged=replace(first.judged, seal=SealState.CHANGED))
    files = _drawn(replace(made, parts=(changed, *made.parts[1:])), tmp_path / "changed")
    stored = read_drill(files["drill.json"].encode())
    assert not stored.certifiable
    assert [run.certifiable for run in stored.runs] == [False, *[True] * (len(stored.runs) - 1)]
    assert "Not certifiable: some required evidence was changed." in files["report.md"]
    assert "Not certifiable: evidence that was changed proves nothing." in files["report.html"]


def _drawn(made: Drill, folder: Path) -> dict[str, str]:
    _, paths = write_drill(made, folder)
    return {path.name: path.read_text(encoding="utf-8") for path in paths}
