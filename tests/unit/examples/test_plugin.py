"""The example package: its check says all three outcomes, and gameday finds what it brings."""

from __future__ import annotations

import csv
import importlib.util
import io
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from chaos.kinds import Check
from chaos.model.scenario import CheckParams
from chaos.model.verdict import CheckResult, Dimension, Outcome
from chaos.report.view import build
from chaos.timeline.events import Measurement, Sample
from chaos.verdict import judge
from tests.plugin import PLUGIN, SCENARIO, fresh_environment, gameday
from tests.recording_builder import BEGAN, FACTS, STACK, RecordingBuilder, judged
from tests.recordings import demo_recording
from tests.results import context


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, PLUGIN / "gameday_example" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[name] = made
    spec.loader.exec_module(made)
    return made


@pytest.fixture(scope="module")
def memory() -> ModuleType:
    return module("memory")


def params(memory: ModuleType, **more: object) -> CheckParams:
    made = memory.Memory.model_validate({"service": "web", "at_most_mb": 100, "settles_within": "5s", **more})
    assert isinstance(made, CheckParams)
    return made


def readings(start: float, end: float, megabytes: float, ok: bool = True) -> Iterator[Sample]:
    at = start
    while at <= end:
        yield Sample(
            at=BEGAN + at,
            mono=at,
            probe="memory: web",
            ok=ok,
            started=BEGAN + at,
            value=megabytes * 1e6 if ok else None,
            detail="" if ok else "its container does not run",
        )
        at += 1.0


def said(memory: ModuleType, *samples: Sample) -> CheckResult:
    recording = RecordingBuilder().steady().fault(20, 44).add(*samples).end()
    (result,) = judged(memory.CHECK, recording, params(memory)).values()
    return result


def test_memory_within_the_bound_passes(memory: ModuleType) -> None:
    result = said(memory, *readings(10, 60, 80.0))
    assert (result.outcome, result.subject.name) == (Outcome.PASS, "web")
    assert [(m.key, m.value, m.limit) for m in result.measures] == [("memory.peak", 80.0, 100.0)]
    assert [(m.dimension, m.fraction) for m in result.marks] == [(Dimension.CONTAINMENT, 1.0)]


def test_a_peak_beyond_the_bound_fails_also_while_it_settles(memory: ModuleType) -> None:
    result = said(memory, *readings(10, 44, 80.0), *readings(45, 60, 150.0))
    assert (result.outcome, result.marks[0].fraction) == (Outcome.FAIL, 0.5)
    assert result.marks[0].fix


@pytest.mark.parametrize(
    "samples",
    [(), (*readings(10, 30, 80.0), *readings(35, 60, 80.0)), tuple(readings(10, 60, 0.0, ok=False))],
    ids=["none", "a hole", "failed"],
)
def test_what_was_not_read_is_inconclusive(memory: ModuleType, samples: tuple[Sample, ...]) -> None:
    result = said(memory, *samples)
    assert (result.outcome, result.marks[0].fraction) == (Outcome.INCONCLUSIVE, None)


def test_it_says_what_is_wrong_before_the_run_and_how_long_to_wait(memory: ModuleType) -> None:
    check: Check[CheckParams] = memory.CHECK
    scenario = RecordingBuilder().plan.scenario
    assert list(check.problems(params(memory), context(scenario, STACK, FACTS))) == []
    (wrong,) = check.problems(params(memory, service="wbe"), context(scenario, STACK, FACTS))
    assert "did you mean 'web'" in wrong.fix
    assert check.wait(params(memory), 20.0).healthy_for == 5.0
    ((name, _),) = check.collects(params(memory), context(scenario, STACK, FACTS))
    assert name == "memory: web"


def test_the_effect_is_that_a_client_is_no_longer_answered() -> None:
    kind = module("process_suspend").ProcessSuspend
    fault = kind.model_validate({"at": "1s", "for": "1s", "fault": "process.suspend", "service": "dep"})
    answered, hangs = (Measurement(subject="dep", values={"link": one}) for one in ("answered", "timeout"))
    assert fault.took_effect(answered, hangs)
    assert not fault.took_effect(answered, answered)
    assert not fault.took_effect(hangs, hangs)  # it was ill before: that proves nothing
    assert fault.stack_problems(STACK) == ()
    ((parameter, _),) = fault.model_copy(update={"service": "prometheus"}).stack_problems(STACK)
    assert parameter == "service"


def test_the_table_has_a_line_for_each_result_and_no_cell_that_runs() -> None:
    recording = demo_recording("fail")
    view = build(recording, judge(recording))
    first = replace(view.checks[0], title="=HYPERLINK(1)")
    text = module("csv_report").FORMAT.draw(replace(view, checks=(first, *view.checks[1:])))
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 1 + len(view.checks)
    assert rows[1][3] == "'=HYPERLINK(1)"


@pytest.mark.processes
def test_a_fresh_environment_finds_all_three(tmp_path: Path) -> None:
    python = fresh_environment(tmp_path)
    listed = gameday(python, "kinds").stdout
    for name in ("process.suspend", "memory", "csv"):
        assert f"  {name} " in listed
    assert gameday(python, "validate", SCENARIO).returncode == 0
    plan = gameday(python, "plan", SCENARIO)
    assert plan.returncode == 0
    assert "process.suspend redis" in plan.stdout
    broken = tmp_path / "broken.yaml"
    text = (
        (PLUGIN / "scenarios" / "redis-suspended.yaml")
        .read_text()
        .replace("service: web, at", "service: wbe, at")
    )
    broken.write_text(text.replace("../../counter", str(PLUGIN.parent / "counter")))
    refused = gameday(python, "validate", str(broken))
    assert refused.returncode == 4
    assert "unknown service 'wbe'" in refused.stdout + refused.stderr
