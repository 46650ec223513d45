"""What ``--json`` prints for ``validate``, ``plan`` and ``run``; each document has a ``schema_version``.

docs/json.md describes them. Keys are only ever added within one version.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from chaos.errors import ExitCode, Problem
from chaos.model.plan import Plan
from chaos.plan import stored_plan

if TYPE_CHECKING:  # it knows runs, reports and the history, which validate does not need
    from chaos.app.stored_runs.debrief import RunOutcome

VERSION = 1


def validation(files: Sequence[str], notes: Iterable[str], problems: Iterable[Problem]) -> str:
    """``valid`` is false if there is any problem; ``files`` are those without a problem."""
    found = [
        {
            "file": one.file,
            "line": one.line if one.placed else None,
            "column": one.column if one.placed else None,
            "message": one.message,
            "fix": one.fix,
        }
        for one in problems
    ]
    return _text({"valid": not found, "files": list(files), "notes": list(notes), "problems": found})


def plans(found: Sequence[Plan]) -> str:
    """Each plan as in plan.json of a run folder, without secrets."""
    return _text({"plans": [json.loads(stored_plan(plan, plan.given_secrets)) for plan in found]})


def runs(outcomes: Sequence[RunOutcome], code: ExitCode) -> str:
    """One entry for each run. ``outcome``, ``score`` and ``folder`` are null if it was not judged."""
    return _text({"exit_code": int(code), "runs": [_run(outcome) for outcome in outcomes]})


def _run(outcome: RunOutcome) -> dict[str, object]:
    judged = outcome.judged
    checks = judged.verdict.checks if judged is not None else ()
    return {
        "scenario": outcome.scenario,
        "exit_code": int(outcome.code),
        "outcome": judged.verdict.outcome.value if judged is not None else None,
        "reason": judged.verdict.reason if judged is not None else None,
        "score": judged.verdict.score.total if judged is not None else None,
        "folder": str(judged.folder) if judged is not None else None,
        "rerun_of": (judged.recording.plan.rerun_of or None) if judged is not None else None,
        "reports": [str(path) for path in outcome.reports],
        "messages": list(outcome.messages),
        "checks": [
            {"check": c.check, "title": c.title, "outcome": c.outcome.value, "actual": c.actual}
            for c in checks
        ],
    }


def _text(document: dict[str, object]) -> str:
    return json.dumps({"schema_version": VERSION, **document}, indent=2, ensure_ascii=False)
