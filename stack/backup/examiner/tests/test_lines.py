"""Every line that the examiner can print fits the schema of its lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from examiner.fixes import FIXES
from examiner.model import Fact, Finding
from jsonschema import Draft202012Validator, FormatChecker

SCHEMA = json.loads((Path(__file__).parents[1] / "lines.schema.json").read_text(encoding="utf-8"))
LINES = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
FACT = Fact("redis", "20310101T230000Z", datetime(2031, 1, 1, 23, tzinfo=UTC), 3600.04, 3000, "rdb+aof")


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_a_fact_fits() -> None:
    LINES.validate(json.loads(FACT.as_line()))


@pytest.mark.parametrize("name", FIXES)
def test_every_finding_fits(name: str) -> None:
    LINES.validate(json.loads(Finding("pms", name, "seen").as_line()))


@pytest.mark.parametrize(
    "change", [{"age_s": "3600"}, {"size_bytes": -1}, {"taken": None}, {"backup": ""}, {"finding": "stale"}]
)
def test_a_wrong_line_does_not_fit(change: dict[str, object]) -> None:
    assert not LINES.is_valid(json.loads(FACT.as_line()) | change)
