"""Rows of a history, made by hand: five lines say what a test is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chaos.history import CheckRow, MeasureRow, ProcedureRow, RunRow
from chaos.model.identity import CLIENTS, RTO, ResultKey, Subject
from chaos.model.past import Judgement, PastRun, PastRuns
from chaos.model.verdict import Dimension, DimensionScore, Outcome, Unit

DAY = 86400.0
BEGAN = 1_795_000_000.0  # in November 2026


def a_check(title: str, outcome: Outcome, check: str = "recovery", subject: Subject = CLIENTS) -> CheckRow:
    """One result, which its title stands for."""
    return CheckRow(
        check=check, key=ResultKey(f"{check}.{title}"), subject=subject, title=title, outcome=outcome
    )


def a_measure(measure: str = RTO, value: float | None = 10.0, **more: Any) -> MeasureRow:
    """Recovery within 60 s, unless something else is said; the title stands for the result."""
    title = more.get("title", "clients recover")
    fields = {
        "check": "recovery",
        "key": f"recovery.{title}",
        "subject": CLIENTS,
        "title": title,
        "part": "",
        "label": "RTO" if measure == RTO else measure,
        "unit": Unit.SECONDS,
        "limit": 60.0,
        "note": "",
        "outcome": Outcome.PASS,
    }
    return MeasureRow(**{**fields, **more, "measure": measure, "value": value})


def a_procedure(name: str = "restore", ok: bool = True, ended: float = BEGAN, **more: Any) -> ProcedureRow:
    fields = {"purpose": "answer", "measured": 12.5, "planned": 1200.0}
    return ProcedureRow(**{**fields, **more, "name": name, "ok": ok, "ended": ended})


def a_run(number: int = 0, score: float | None = 100.0, *measures: MeasureRow, **more: Any) -> RunRow:
    """The run of day ``number``: certifiable, and of one check for each measure's title."""
    checks = {(m.check, m.title): m.outcome or Outcome.PASS for m in measures}
    fields = {
        "run_id": f"{number:06x}",
        "scenario": "cache-down",
        "suite": "cache",
        "stack": "toy",
        "pace": 20.0,
        "variables": "",
        "began": BEGAN + number * DAY,
        "took": 60.5,
        "outcome": Outcome.PASS,
        "reason": "all 9 checks passed",
        "certifiable": True,
        "git_commit": None,
        "exit_code": 0,
        "folder": f"{number:06x}-cache-down",
        "dimensions": (
            DimensionScore(dimension=Dimension.RECOVERY, weight=20, points=18.5),
            DimensionScore(dimension=Dimension.DATA, weight=20, points=None, inconclusive=True),
        ),
        "checks": tuple(a_check(title, outcome, check) for (check, title), outcome in checks.items()),
    }
    return RunRow(**{**fields, **more, "score": score, "measures": measures})


def runs_of(scores: Sequence[float | None], recoveries: Sequence[float | None] = ()) -> list[RunRow]:
    """One run a day with these scores, and these figures of recovery where they are given."""
    times = [*recoveries, *[None] * (len(scores) - len(recoveries))] if recoveries else [None] * len(scores)
    return [
        a_run(number, score, *([a_measure(value=time)] if recoveries else []))
        for number, (score, time) in enumerate(zip(scores, times, strict=True))
    ]


def a_point(day: int, score: float | None = 100.0, **more: object) -> PastRun:
    """A run as a trend shows it."""
    fields = {"scenario": "toy", "outcome": Outcome.PASS, "certifiable": True, "recovery": 12.5}
    return PastRun.model_validate(
        {**fields, **more, "run_id": f"r{day}", "began": BEGAN + DAY * day, "score": score}
    )


def a_past(*earlier: PastRun, **more: object) -> PastRuns:
    """A run of 60 points beside better ones."""
    fields = {
        "this": a_point(9, 60.0),
        "median_score": 100.0,
        "median_recovery": 12.5,
        "judgement": Judgement.REGRESSION,
        "statement": "regression: score 60 points, median 100 points",
    }
    return PastRuns.model_validate({**fields, **more, "earlier": earlier})
