"""What fits the schema of an examiner's lines, the check of backups understands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chaos.checks.backups import CHECK, Backups
from chaos.model.stack import BackupFacts
from chaos.model.verdict import Outcome
from tests.recording_builder import judged
from tests.unit.checks.procedures import FETCH, OPEN, ran, rehearsing

PATH = Path(__file__).parents[3] / "stack" / "backup" / "examiner" / "lines.schema.json"
SCHEMA = json.loads(PATH.read_text(encoding="utf-8"))["$defs"]
FACT, FINDING = SCHEMA["fact"]["examples"][0], SCHEMA["finding"]["examples"][0]
REQUIRED = [
    *((FACT, name) for name in ("age_s", "size_bytes", "label", "kind")),
    *((FINDING, name) for name in ("finding", "detail", "fix")),
]


def outcome(*lines: dict[str, Any]) -> tuple[Outcome, str]:
    on = rehearsing()
    facts = BackupFacts.model_validate({"service": "dep", "every": "1h", "max_age": "2h"})
    stack = on.plan.stack.model_copy(update={"backups": {FACT["backup"]: facts}})
    on.plan = on.plan.model_copy(update={"stack": stack})
    output = "\n".join(json.dumps(line) for line in lines)
    (result,) = judged(
        CHECK, ran(on, (FETCH, True, 1.0), (OPEN, True, 1.0), output=output).end(), Backups()
    ).values()
    return result.outcome, result.actual


def test_the_examples_of_the_schema_are_understood() -> None:
    assert outcome(FACT)[0] is Outcome.PASS
    failed, why = outcome(FACT, FINDING)
    assert failed is Outcome.FAIL
    assert FINDING["detail"] in why


@pytest.mark.parametrize(("line", "name"), REQUIRED)
def test_a_value_of_another_type_than_the_schema_says_is_not_taken_for_health(
    line: dict[str, Any], name: str
) -> None:
    wrong = {"string": 7, "number": "old", "integer": "big"}[
        next(kind["properties"][name]["type"] for kind in SCHEMA.values() if name in kind["properties"])
    ]
    assert outcome(FACT, {**line, "label": line.get("label", ""), name: wrong})[0] is not Outcome.PASS
