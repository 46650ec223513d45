"""The files of one run folder as values, so that a change can be made to a copy of them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from pydantic import JsonValue

from tests.corpus.archive import names

Line = Mapping[str, JsonValue]
COUNT = "lines"  # key of the last line of a file whose lines are numbered


class Lines(StrEnum):
    """A file of one JSON object a line."""

    JOURNAL = "journal.jsonl"
    LOAD = "load.jsonl"
    LEDGER = "ledger.jsonl"


@dataclass(frozen=True)
class Files:
    """``lines`` holds no line that could not be parsed, such as the last one of a killed run."""

    lines: Mapping[Lines, tuple[Line, ...]]
    metrics: Mapping[str, JsonValue] | None
    readback: tuple[Line, ...] | None
    others: Mapping[str, str] = field(default_factory=dict)

    def but(self, part: Lines, lines: tuple[Line, ...]) -> Files:
        """The same files with other lines in one of them."""
        return replace(self, lines={**self.lines, part: lines})

    @property
    def span(self) -> tuple[float, float]:
        """First and last instant of the journal, wall clock."""
        return time_span(Lines.JOURNAL, self.lines[Lines.JOURNAL])


def instant_of(part: Lines, line: Line) -> float:
    """When what a line tells happened, wall clock; the line that holds the count comes after all others."""
    if COUNT in line:
        return math.inf
    return number(line["intended" if part is Lines.LOAD else "at"])


def kind_of(part: Lines, line: Line) -> str:
    """What a line is about: the request, the ledger's operation, the event, the probe of a sample."""
    if COUNT in line:
        return COUNT
    if part is Lines.LOAD:
        return str(line["name"])
    if part is Lines.LEDGER:
        return str(line["op"])
    return " ".join(str(line[key]) for key in ("event", "probe", "service") if key in line)


def time_span(part: Lines, lines: Iterable[Line]) -> tuple[float, float]:
    """The first and the last instant."""
    instants = [instant_of(part, line) for line in lines if COUNT not in line]
    return min(instants), max(instants)


def number(value: JsonValue) -> float:
    assert isinstance(value, int | float)
    return float(value)


def whole_runs() -> tuple[str, ...]:
    """The kept runs that are no damaged copy of another one: files are changed line by line, as JSON."""
    return tuple(name for name in names() if not name.startswith("damaged-"))


def read_files(folder: Path) -> Files:
    """The files of a run folder."""
    parts = {part: _lines(folder / part) for part in Lines if (folder / part).exists()}
    metrics, readback = folder / "metrics.json", folder / "readback.json"
    return Files(
        {Lines.JOURNAL: (), **parts},
        json.loads(metrics.read_bytes()) if metrics.exists() else None,
        tuple(json.loads(readback.read_bytes())) if readback.exists() else None,
        {name: (folder / name).read_text(encoding="utf-8") for name in ("plan.json", "scenario.yaml")},
    )


def write_files(files: Files, folder: Path) -> Path:
    """A run folder with these files."""
    folder.mkdir()
    for part, lines in files.lines.items():
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        (folder / part).write_text(text, encoding="utf-8")
    if files.metrics is not None:
        (folder / "metrics.json").write_text(json.dumps(files.metrics), encoding="utf-8")
    if files.readback is not None:
        (folder / "readback.json").write_text(json.dumps(files.readback), encoding="utf-8")
    for name, text in files.others.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _lines(path: Path) -> tuple[Line, ...]:
    found = []
    for text in path.read_text(encoding="utf-8").split("\n"):
        try:
            line = json.loads(text)
        except ValueError:
            continue
        found.append(line)
    return tuple(found)
