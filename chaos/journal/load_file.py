"""Reads load.jsonl into columns, because it may have a million lines."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf, isfinite, nan
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from chaos.files import open_file
from chaos.model.base import LAST_INSTANT
from chaos.timeline.damage import Damage
from chaos.timeline.event_base import LAST_MONO
from chaos.timeline.lines import Line, NumberedFile, read_line
from chaos.timeline.recording import Unanswered
from chaos.timeline.requests import Request, RequestColumns, RequestOutcome, Requests

_PART = 1 << 20  # bytes to read at once
_LINE: TypeAdapter[Request | Unanswered] = TypeAdapter(Request | Unanswered)
_NUMBERED = re.compile(rb'\n\{"seq":([1-9]\d{0,14}),')  # at the beginning of a line
_REQUIRED = frozenset({"seq", "intended", "sent", "latency", "name", "status", "served"})
_OPTIONAL = MappingProxyType({"intended_mono": LAST_MONO, "sent_mono": LAST_MONO, "patience": inf})  # -> most
_KEYS = _REQUIRED | frozenset({"degraded", "error", *_OPTIONAL})


@dataclass(frozen=True)
class LoadFile:
    """The contents of load.jsonl. ``waiting``: requests without an answer when the load stopped.

    ``problems``: one for each line that cannot be read. ``file``: the numbers of the lines.
    """

    requests: Requests
    waiting: tuple[Unanswered, ...]
    problems: tuple[Damage, ...]
    file: NumberedFile


def read_load(path: Path) -> LoadFile:
    """Read every valid line. An invalid line is a problem, also a last line that a killed run left cut off.

    Raises ``OSError`` if the file cannot be read.
    """
    reader = _LoadReader()
    with open_file(path) as stream:
        for lines in _parts(stream):
            reader.read(lines)
    return reader.finished(path.name)


def _parts(stream: BinaryIO) -> Iterator[bytes]:
    """The file in pieces of whole lines, each with its line break. The last piece may lack one."""
    begun: list[bytes] = []  # parts of a line whose end was not read yet
    while piece := stream.read(_PART):
        whole, line_break, after = piece.rpartition(b"\n")
        if line_break:
            yield b"".join((*begun, whole, line_break))
            begun = []
        begun.append(after)
    if any(begun):
        yield b"".join(begun)


class _LoadReader:
    """Reads a piece at once if its lines look as gameday writes them, otherwise line by line."""

    def __init__(self) -> None:
        self._columns = RequestColumns()
        self._waiting: list[Unanswered] = []
        self._wrong: list[int] = []  # places of lines that cannot be read, from 1
        self._last = 1  # place of the next line
        self._whole = 0  # lines so far that are numbered 1, 2, 3 and so on
        self._lines: list[Line] = []
        self._end: int | None = None
        self._outcomes: dict[tuple[object, ...], int] = {}

    def read(self, data: bytes) -> None:
        if not self._read_at_once(data):
            self._read_each(data)
        self._last += data.count(b"\n")

    def finished(self, name: str) -> LoadFile:
        problems = [
            Damage(name, f"line {place} {'cut off' if place == self._last else 'cannot be read'}")
            for place in self._wrong
        ]
        file = NumberedFile(tuple(self._lines), self._end, self._whole)
        return LoadFile(Requests(self._columns), tuple(self._waiting), tuple(problems), file)

    def _read_at_once(self, data: bytes) -> bool:
        """Add the lines if every one is a request with the next number; otherwise return False and add none.

        ``_read_each`` then reads them. It also handles valid lines of another form.
        """
        numbers = list(map(int, _NUMBERED.findall(b"\n" + data)))
        first = self._whole + 1
        if (
            self._lines
            or not data.endswith(b"\n")
            or numbers != list(range(first, first + data.count(b"\n")))
            or data.count(b'"seq"') != len(numbers)  # a second "seq" in a line would replace the first
        ):
            return False
        try:
            rows = from_json(b"[" + data[:-1].replace(b"\n", b",\n") + b"]")
            if len(rows) != len(numbers) or not all(map(_usual, {tuple(row) for row in rows})):
                return False
            return self._add(rows)
        except (ValueError, TypeError, OverflowError):
            return False

    def _add(self, rows: Sequence[dict[str, Any]]) -> bool:
        """Add the rows. False or ``TypeError`` if a value does not have the type that gameday writes."""
        columns = self._columns
        keys = [
            (row["name"], row["status"], row["served"], row.get("degraded"), row.get("error", ""))
            for row in rows
        ]
        new = [key for key in dict.fromkeys(keys) if key not in self._outcomes]
        if not all(map(_typed, new)):
            return False
        seconds = [array("d", [row[key] for row in rows]) for key in ("intended", "sent", "latency")]
        # No clock gives NaN, an infinity or a negative latency, and a check could not compare with them.
        if not all(map(_possible, seconds)) or min(seconds[2], default=0.0) < 0:
            return False
        optional = [_optional(rows, key) for key in _OPTIONAL]
        if not all(
            _possible(column, most) for column, most in zip(optional, _OPTIONAL.values(), strict=True)
        ):
            given = (array("d", [row[key] for row in rows if row.get(key) is not None]) for key in _OPTIONAL)
            if not all(map(_possible, given, _OPTIONAL.values())):
                return False
        for key in new:
            self._outcomes[key] = columns.place_of(RequestOutcome(*key))
        targets = (columns.intended, columns.sent, columns.latency)
        more = (columns.intended_mono, columns.sent_mono, columns.patience)
        for target, column in zip((*targets, *more), chain(seconds, optional), strict=True):
            target.extend(column)
        columns.outcome.extend(map(self._outcomes.__getitem__, keys))
        self._whole += len(rows)
        return True

    def _read_each(self, data: bytes) -> None:
        for place, text in enumerate(data.split(b"\n"), start=self._last):
            if not text:
                continue
            line = read_line(place, text)
            if isinstance(line, int):
                self._end = line
                continue
            if not self._lines and line.seq == self._whole + 1:
                self._whole += 1
            else:
                self._lines.append(line)
            try:
                value = _LINE.validate_json(line.body)
                if isinstance(value, Unanswered):
                    self._waiting.append(value)
                else:
                    self._columns.add(value)
            except (ValidationError, OverflowError):
                self._wrong.append(place)


def _possible(seconds: array[float], most: float = LAST_INSTANT) -> bool:
    """Could a clock have shown all of these? NaN stands for what was not written down."""
    low, high = min(seconds, default=0.0), max(seconds, default=0.0)
    return isfinite(sum(seconds)) and -most <= low and high <= most


def _usual(keys: tuple[str, ...]) -> bool:
    return keys[0] == "seq" and _REQUIRED <= set(keys) <= _KEYS


def _typed(outcome: tuple[object, ...]) -> bool:
    name, status, served, degraded, error = outcome
    texts = type(name) is str and type(error) is str and (degraded is None or type(degraded) is str)
    return texts and type(status) is int and type(served) is bool


def _optional(rows: Sequence[dict[str, Any]], key: str) -> array[float]:
    try:
        return array("d", [row[key] for row in rows])
    except (KeyError, TypeError):
        return array("d", [nan if (value := row.get(key)) is None else value for row in rows])
