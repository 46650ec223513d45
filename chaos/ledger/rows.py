"""Parses a store's answer into rows of the ledger. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from chaos.errors import ToolProblem
from chaos.json_text import read_json
from chaos.model.ledger import LedgerStore
from chaos.timeline.ledger import StoreRow


def rows_of(store: LedgerStore, text: str, prefix: str, foreign: Iterable[str] = ()) -> tuple[StoreRow, ...]:
    """The rows whose id begins with ``prefix`` and with none of ``foreign``, in the order of the answer.

    Raises ``ToolProblem`` if the answer does not have the declared format, or a row has no id or lacks a
    declared field. The declaration is wrong then; gameday must not report the rows as lost writes.
    """
    others = tuple(foreign)
    rows = []
    for number, entry in enumerate(_entries(store, text), 1):
        if store.id not in entry:
            raise ToolProblem(f"row {number} has no field {store.id}; it has {', '.join(entry) or 'none'}")
        ident = _text(entry[store.id])
        if not ident.startswith(prefix) or (others and ident.startswith(others)):
            continue
        missing = [field for field in store.fields.values() if field not in entry]
        if missing:
            raise ToolProblem(f"row {number} has no field {', '.join(missing)}; it has {', '.join(entry)}")
        values = {name: _text(entry[field]) for name, field in store.fields.items()}
        rows.append(StoreRow(id=ident, values=values))
    return tuple(rows)


def _entries(store: LedgerStore, text: str) -> list[Mapping[str, JsonValue]]:
    try:
        if store.format == "csv":
            return _csv(text)
        if store.format == "jsonl":
            found: JsonValue = [read_json(line) for line in text.splitlines() if line.strip()]
        else:
            found = _below(read_json(text), store.rows)
    except (ValueError, csv.Error) as error:
        raise ToolProblem(f"the answer is not {store.format}: {error}: {text[:120]!r}") from error
    if not isinstance(found, list):
        raise ToolProblem(f"expected a list of rows, got {type(found).__name__}: {text[:120]!r}")
    return [_mapping(number, entry) for number, entry in enumerate(found, 1)]


def _csv(text: str) -> list[Mapping[str, JsonValue]]:
    reader = csv.DictReader(io.StringIO(text), strict=True)
    if not reader.fieldnames:
        raise ToolProblem("the answer is empty: expected a first line with the column names")
    rows: list[Mapping[str, JsonValue]] = []
    for row in reader:
        if None in row or None in row.values():
            raise ToolProblem(f"line {reader.line_num} does not have the columns of the first line")
        rows.append(dict(row))
    return rows


def _below(value: JsonValue, path: str) -> JsonValue:
    for key in path.split(".") if path else ():
        if not isinstance(value, dict) or key not in value:
            known = f"its keys are {', '.join(value)}" if isinstance(value, dict) else "it is not an object"
            raise ToolProblem(f"the answer has no {path}: {known}")
        value = value[key]
    return value


def _mapping(number: int, entry: JsonValue) -> Mapping[str, JsonValue]:
    if not isinstance(entry, dict):
        raise ToolProblem(f"row {number} is not an object: {str(entry)[:80]!r}")
    return entry


def _text(value: JsonValue) -> str:
    """Text as it is, "" for null, and JSON for any other value."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
