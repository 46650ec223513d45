"""Reading load.jsonl in large pieces gives the same result as reading every line separately."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from chaos.journal import load_file
from chaos.journal.load_file import read_load
from chaos.timeline.damage import Damage
from chaos.timeline.lines import line_problems, read_lines
from chaos.timeline.recording import Unanswered
from chaos.timeline.requests import Request, Requests

LINE: TypeAdapter[Request | Unanswered] = TypeAdapter(Request | Unanswered)
GOOD = {
    "intended": 100.5,
    "sent": 100.6,
    "latency": 0.05,
    "name": "GET /",
    "status": 200,
    "served": True,
    "degraded": None,
    "error": "",
    "intended_mono": 5.5,
    "sent_mono": 5.6,
    "patience": 10.0,
}
WAITING = {
    "intended": 1.0,
    "sent": 1.0,
    "name": "GET /",
    "waited": 2.0,
    "intended_mono": 1.0,
    "sent_mono": 1.0,
    "patience": 3.0,
}


def numbered(number: int, body: dict[str, object] = GOOD) -> bytes:
    return json.dumps({"seq": number, **body}, separators=(",", ":")).encode()


def changed(**fields: object) -> Callable[[int], bytes]:
    return lambda number: numbered(number, GOOD | fields)


def without(*names: str) -> Callable[[int], bytes]:
    return lambda number: numbered(number, {key: GOOD[key] for key in GOOD if key not in names})


ODD: dict[str, Callable[[int], bytes]] = {
    "as usual": numbered,
    "another outcome": changed(status=503, served=False, degraded="cache", error="refused"),
    "no monotonic instants": changed(intended_mono=None, sent_mono=None, patience=None),
    "defaults left out": without("degraded", "error", "intended_mono", "sent_mono", "patience"),
    "whole seconds": changed(intended=100, latency=1),
    "numbers as text": changed(intended="100.5", status="200"),
    "truth as a number": changed(served=1),
    "a status with a point": changed(status=200.0),
    "a status that is no number": changed(status="ok"),
    "a status beyond any": changed(status=10**30),
    "an instant beyond any": changed(intended=10**400),
    "an instant that no calendar has": changed(sent=1e300),
    "an infinite monotonic instant": changed(intended_mono=float("inf")),
    "a monotonic instant that is no number": changed(sent_mono=float("nan")),
    "an infinite patience": changed(patience=float("inf")),
    "no instant": changed(intended=None),
    "a name that is a list": changed(name=["GET"]),
    "an error that is null": changed(error=None),
    "an unknown key": changed(colour="red"),
    "a key is missing": without("served"),
    "waiting": lambda number: numbered(number, WAITING),
    "not JSON": lambda number: b'{"seq":%d,"intended":' % number,
    "not UTF-8": lambda number: numbered(number).replace(b"GET", b"\xff\xfe"),
    "half a pair": lambda number: numbered(number).replace(b"GET", b"\\ud800"),
    "an empty line": lambda number: b"",
    "blanks": lambda number: b" " + numbered(number),
    "a blank in the number": lambda number: numbered(number).replace(b'"seq":', b'"seq": '),
    "the number has a point": lambda number: numbered(number).replace(b'"seq":%d' % number, b'"seq":3.0'),
    "the number twice": lambda number: numbered(number)[:-1] + b',"seq":%d}' % number,
    "the number last": lambda number: b"{" + numbered(number).partition(b",")[2][:-1] + b',"seq":3}',
    "no number": lambda number: json.dumps(GOOD).encode(),
    "another number": lambda number: numbered(number + 7),
    "two in one line": lambda number: numbered(number) + b"," + numbered(number + 1),
    "a carriage return": lambda number: numbered(number) + b"\r",
    "a key twice": lambda number: numbered(number)[:-1] + b',"status":404}',
    "the count": lambda number: b'{"lines":2}',
    "a latency below zero": changed(latency=-5.0),
    "an instant that is no number": lambda number: numbered(number, GOOD | {"sent": 7.25}).replace(
        b"7.25", b"NaN"
    ),
    "an endless latency": lambda number: numbered(number).replace(b"0.05", b"Infinity"),
    "no finite number": lambda number: numbered(number).replace(b"0.05", b"NaN"),
}


@pytest.mark.parametrize("odd", ODD)
def test_every_line_is_read_as_if_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: str) -> None:
    for end in (b"", b'\n{"lines":5}\n', b'\n{"seq":6,"inten'):
        data = b"\n".join([numbered(1), numbered(2), ODD[odd](3), numbered(4), numbered(5)]) + end
        for piece in (90, 1 << 20):
            monkeypatch.setattr(load_file, "_PART", piece)
            same_as_alone(data, tmp_path / "load.jsonl")


def same_as_alone(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    found = read_load(path)
    values, wrong = alone(data)
    assert repr(tuple(found.requests)) == repr(tuple(one for one in values if isinstance(one, Request)))
    assert found.waiting == tuple(one for one in values if isinstance(one, Unanswered))
    last = data.count(b"\n") + 1
    words = [f"line {one} {'cut off' if one == last else 'cannot be read'}" for one in wrong]
    assert found.problems == tuple(Damage("load.jsonl", one) for one in words)
    for version in (1, 3):
        expected = line_problems(read_lines(data), version, closed=True)
        assert line_problems(found.file, version, closed=True) == expected


def alone(data: bytes) -> tuple[list[Request | Unanswered], list[int]]:
    """Parse each line separately. Returns the values and the places of lines that cannot be read."""
    values: list[Request | Unanswered] = []
    wrong: list[int] = []
    for line in read_lines(data).lines:
        try:
            values.append(LINE.validate_json(line.body))
        except ValidationError:
            wrong.append(line.place)
    return values, wrong


def test_a_request_costs_less_than_a_hundred_bytes(tmp_path: Path) -> None:
    """As an object, a request took two kilobytes, and a long run took gigabytes."""
    rows = 4_000
    path = tmp_path / "load.jsonl"
    path.write_bytes(b"".join(numbered(number) + b"\n" for number in range(1, rows + 1)))
    read_load(path)  # warm-up: the first call also builds validators
    tracemalloc.start()
    found = read_load(path)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found.requests) == rows
    assert kept < 100 * rows


def test_requests_are_a_sequence_of_values() -> None:
    values = [Request.model_validate(GOOD | {"status": status}) for status in (200, 503, 200)]
    columns = Requests.of(values)
    assert columns == values
    assert columns != values[:2]
    assert (columns[1], columns[-1], columns[:2]) == (values[1], values[2], tuple(values[:2]))
    assert len(columns.outcomes) == 2
    with pytest.raises(IndexError):
        columns[3]
