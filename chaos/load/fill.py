"""Fills ``$uuid``, ``$seq`` and the columns of the data file into requests of a load profile.

``chaos.templates`` has the syntax.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from chaos.errors import BadInput, Problem
from chaos.files import read_file
from chaos.model.stack import LoadProfile, LoadRequest
from chaos.templates import FilledRequest, each_text, fill_request

BUILT_IN = ("uuid", "seq")


def fill(request: LoadRequest, values: Mapping[str, str]) -> FilledRequest:
    """Fill in the placeholders of a request. Raises ``KeyError`` for one that ``values`` lacks."""
    return fill_request(request.request, request.headers, request.json_body, values)


def values_of(rows: Sequence[Mapping[str, str]], number: int, uuid: str) -> dict[str, str]:
    """The values for arrival ``number`` (from 0). After the last data row, the first one is used again."""
    row = rows[number % len(rows)] if rows else {}
    return {**row, "uuid": uuid, "seq": str(number)}


def read_rows(path: Path | None) -> tuple[dict[str, str], ...]:
    """The rows of a CSV file whose first line names the columns, as column -> text; () for None.

    Raises ``BadInput`` if the file cannot be read or has no rows, and, with the line, for a wrong row.
    """
    if path is None:
        return ()
    try:
        reader = csv.DictReader(io.StringIO(read_file(path).decode("utf-8"), newline=""), strict=True)
        rows = []
        for row in reader:
            if None in row or None in row.values():
                expected = f"expected {len(reader.fieldnames or ())} columns as in the first line"
                raise BadInput([Problem(str(path), reader.line_num, 1, expected, "quote values with commas")])
            rows.append(row)
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise BadInput([Problem.about(str(path), f"cannot be read as CSV: {problem}")]) from problem
    if not rows:
        raise BadInput(
            [Problem.about(str(path), "has no data rows", "write a line of column names, then the data rows")]
        )
    return tuple(rows)


def check_placeholders(profile: LoadProfile, columns: Sequence[str]) -> None:
    """Raise ``BadInput`` with every unknown placeholder and stray ``$``, before they fail during a run."""
    known = {*BUILT_IN, *columns}
    problems = []
    for request in profile.requests:
        for text in _texts(request):
            template = Template(text)
            if not template.is_valid():
                fix = "write $$ for a dollar sign"
                problems.append(Problem.about("load", f"{request.request}: a stray $ in {text!r}", fix))
                continue
            for name in template.get_identifiers():
                if name not in known:
                    message = f"{request.request}: unknown placeholder ${name}"
                    problems.append(Problem.about("load", message, f"known: {', '.join(sorted(known))}"))
    if problems:
        raise BadInput(problems)


def _texts(request: LoadRequest) -> list[str]:
    texts = [request.request, *request.headers.values()]

    def note(text: str) -> str:
        texts.append(text)
        return text

    each_text(request.json_body, note)
    return texts
