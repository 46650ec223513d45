"""The published schemas fit what runs have written, and mark what no run writes."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from chaos.timeline.schemas import run_folder_schemas

ROOT = Path(__file__).parents[3]
SCHEMAS = {name.partition(".")[0]: schema for name, schema in run_folder_schemas().items()}
KEPT = ROOT / "tests" / "corpus" / "runs" / "blind-prometheus.tar.xz"


def lines(file: str) -> list[object]:
    """Every JSON line of one file of a kept run."""
    with tarfile.open(fileobj=io.BytesIO(KEPT.read_bytes())) as archive:
        (name,) = (one for one in archive.getnames() if one.endswith(file))
        body = archive.extractfile(name)
        assert body is not None
        text = body.read().decode()
    return [json.loads(line) for line in text.splitlines()] if file.endswith("l") else [json.loads(text)]


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_each_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("file", ["journal.jsonl", "load.jsonl", "metrics.json"])
def test_a_kept_run_fits(file: str) -> None:
    validator = Draft202012Validator(SCHEMAS[file.partition(".")[0]])
    wrong = [line for line in lines(file) if not validator.is_valid(line)]
    assert not wrong


@pytest.mark.parametrize(
    "line",
    [
        {"at": 1.0, "mono": 1.0, "event": "phase_began", "phase": "lunch"},
        {"at": 1.0, "mono": 1.0, "event": "phase_began"},
        {"at": 1.0, "mono": 1.0, "phase": "start"},
        {"lines": -1},
        {"at": "now", "mono": 1.0, "event": "phase_began", "phase": "start"},
    ],
)
def test_what_no_run_writes_is_marked(line: dict[str, object]) -> None:
    assert not Draft202012Validator(SCHEMAS["journal"]).is_valid(line)


def test_the_end_of_a_file_and_the_number_of_a_line_fit() -> None:
    validator = Draft202012Validator(SCHEMAS["journal"])
    assert validator.is_valid({"lines": 12})
    assert validator.is_valid({"seq": 1, "at": 1.0, "mono": 1.0, "event": "phase_began", "phase": "start"})
