"""What somebody needs who wants to see a run again: figures and versions, in page and Markdown."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from chaos.model.plan import PlannedDuration
from chaos.model.stack import Objective, PrometheusFacts, StandIn
from chaos.report import write_reports
from chaos.timeline.events import RunStarted
from chaos.timeline.recording import Recording
from chaos.verdict import judge
from tests.recordings import demo_recording

FIGURES = (
    PlannedDuration(name="rule web_down: for", production=120.0, real=6.0),
    PlannedDuration(name="recovery: rto", production=900.0, real=900.0),
)
VERSIONS = {"engine": "28.9.9", "image toy/web:1": "sha256:0123abc"}


@pytest.fixture
def texts(tmp_path: Path) -> dict[str, str]:
    """The text of page and Markdown without markup, by file name."""
    demo = demo_recording("pass")
    rules = PrometheusFacts(
        service="prometheus",
        config="prometheus.yml",
        stand_ins={"web_down": StandIn(threshold=2, instead=0.5, because="it is a toy")},
    )
    objectives = {"dep": Objective(rto="1h", rpo="15m")}
    stack = demo.plan.stack.model_copy(update={"objectives": objectives, "prometheus": rules})
    events = tuple(
        event.model_copy(update={"versions": VERSIONS}) if isinstance(event, RunStarted) else event
        for event in demo.events
    )
    plan = demo.plan.model_copy(update={"figures": FIGURES, "stack": stack})
    recording: Recording = replace(demo, plan=plan, events=events)
    paths = write_reports(recording, judge(recording), tmp_path)
    return {path.name: re.sub(r"<[^>]*>|\s+", " ", path.read_text(encoding="utf-8")) for path in paths}


def test_the_compressed_figures_are_stated_with_both_values(texts: dict[str, str]) -> None:
    assert re.search(r"rule web_down: for \| 2 min \| 6\.0 s", texts["report.md"])
    assert re.search(r"rule web_down: for +2 min +6\.0 s", texts["report.html"])


def test_a_figure_that_is_not_compressed_is_not_called_so(texts: dict[str, str]) -> None:
    assert "recovery: rto" not in texts["report.md"]
    assert re.search(r"recovery: rto +15 min +not compressed", texts["report.html"])


@pytest.mark.parametrize("name", ["report.md", "report.html"])
def test_versions_and_images_are_stated(texts: dict[str, str], name: str) -> None:
    for value in ("28.9.9", "toy/web:1", "sha256:0123abc"):
        assert value in texts[name]


@pytest.mark.parametrize("name", ["report.md", "report.html"])
def test_the_objective_of_what_was_hit_is_stated(texts: dict[str, str], name: str) -> None:
    assert "dep: tier 2, RTO 1 h, RPO 15 min" in texts[name]


@pytest.mark.parametrize("name", ["report.md", "report.html"])
def test_a_stand_in_for_a_threshold_is_stated(texts: dict[str, str], name: str) -> None:
    text = re.sub(r"&gt;", ">", texts[name])
    assert "stand-in for its threshold: 2 -> 0.5, because it is a toy" in text
