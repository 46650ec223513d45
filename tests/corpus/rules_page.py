"""For each detection rule: how soon it fired in kept runs, beside the bound and the deadline of each.

``python -m tests.corpus suites`` writes ``docs/detection.md`` from the runs that passed, between two marks.
Times are in production time: real seconds times the pace.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from chaos.checks.detection import FIRES
from chaos.coverage import planned_coverage
from chaos.model.identity import MeasureKey
from chaos.model.verdict import CheckResult
from chaos.registry import kinds
from chaos.scenario import load_scenario
from chaos.timing import format_duration
from tests.corpus.suites import ROOT, Kept, kept, kept_names
from tests.stack.sample import all_scenarios

PAGE = ROOT / "docs" / "detection.md"
BEGIN, END = "<!-- measured: begin -->\n", "<!-- measured: end -->\n"
HEAD = """| rule | severity | `for` | fires in | measured | bound | deadline |
|---|---|---|---|---|---|---|
"""
DETECTED, BOUND = MeasureKey("detection.time_to_detect"), MeasureKey("detection.bound")


class Row(NamedTuple):
    """What the page says of one run."""

    scenario: str
    measured: str
    bound: str
    deadline: str


NOT_SEEN = Row("no kept run", "", "", "")


class Fired(NamedTuple):
    """How soon a rule fired in one kept run, in production seconds."""

    scenario: str
    took: float
    bound: float
    deadline: float


def page(text: str) -> str:
    """``text`` of the page with the table of today between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + table() + END + after


@cache
def table() -> str:
    loaded = [load_scenario(Path(ROOT / path)) for path in all_scenarios()]
    stack, detection = loaded[0].stack, loaded[0].detection
    assert detection is not None
    coverage = planned_coverage(stack, detection, [one.scenario for one in loaded], tuple(kinds().faults))
    rows = [HEAD]
    for row in coverage.rules.rows:
        rules = [rule for rule in detection.rules if rule.alert == row.name]
        severities = ", ".join(dict.fromkeys(rule.severity for rule in rules))
        holds = ", ".join(dict.fromkeys(format_duration(rule.hold) for rule in rules))
        seen = [cell.scenario for cell in row.cells if cell.tested == "fires"]
        firing = [kept(name) for name in seen if name in kept_names()]
        cells = list(_fired(row.name, firing))
        for index, cell in enumerate(cells or [NOT_SEEN]):
            head = f"`{row.name}` | {severities} | {holds}" if index == 0 else "| |"
            rows.append(f"| {head} | {' | '.join(cell)} |\n")
    return "".join(rows)


def claims(text: str) -> Iterator[tuple[str, Row]]:
    """(alert, row) for each run that the page names."""
    _, _, rest = text.partition(BEGIN)
    alert = ""
    for line in rest.partition(END)[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        alert = cells[0].strip("`") or alert
        if cells[0].startswith("`") or not cells[0]:
            yield alert, Row(*cells[-4:])


def row_of(run: Kept, alert: str) -> Row | None:
    """What the page says of the run; None where the alert did not have to fire in it."""
    fired = fired_in(run, alert)
    if fired is None:
        return None
    return Row(fired.scenario, _said(fired.took), _said(fired.bound), _said(fired.deadline))


def _fired(alert: str, runs: list[Kept]) -> Iterator[Row]:
    """The fastest run and the slowest one; one run alone is both."""
    found = sorted(
        (fired for run in runs if (fired := fired_in(run, alert)) is not None), key=lambda one: one.took
    )
    for one in dict.fromkeys(found[:1] + found[-1:]):
        yield Row(one.scenario, _said(one.took), _said(one.bound), _said(one.deadline))


def fired_in(run: Kept, alert: str) -> Fired | None:
    """How soon the alert fired in the run, if it had to."""
    result = next((one for one in run.verdict.checks if one.key == FIRES and one.subject.name == alert), None)
    took, bound = (None, None) if result is None else (_value(result, DETECTED), _value(result, BOUND))
    limit = None if result is None else result.measure(DETECTED)
    if took is None or bound is None or limit is None or limit.limit is None:
        return None
    pace = run.run.plan.pace
    return Fired(run.scenario, took * pace, bound * pace, limit.limit * pace)


def _value(result: CheckResult, key: MeasureKey) -> float | None:
    measure = result.measure(key)
    return None if measure is None else measure.value


def _said(seconds: float) -> str:
    return format_duration(float(round(seconds)))
