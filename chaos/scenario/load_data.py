"""The data file of a load profile, checked before anything starts: a run that began would end halfway."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from pathlib import Path

from chaos.errors import BadInput, Problem
from chaos.model.headers import fits_a_header
from chaos.scenario.places import read_text


def data_columns(path: Path, shown: str, in_headers: Collection[str]) -> frozenset[str]:
    """The columns of a CSV file. ``in_headers``: those whose values are sent in a header.

    Raises ``BadInput`` with the line of a row that cannot be sent, or has other columns than the first one.
    """
    reader = csv.DictReader(io.StringIO(read_text(path, shown), newline=""), strict=True)
    try:
        columns = frozenset(reader.fieldnames or ())
        row: dict[str, str] | None = None
        for row in reader:
            if None in row or None in row.values():
                expected = f"expected {len(reader.fieldnames or ())} columns as in the first line"
                raise BadInput([Problem(shown, reader.line_num, 1, expected, "quote values with commas")])
            for name in columns.intersection(in_headers):
                if not fits_a_header(row[name]):
                    message = f"{name} is sent in a header: expected one line of Latin letters"
                    fix = "use the column in the path or the body"
                    raise BadInput([Problem(shown, reader.line_num, 1, message, fix)])
    except csv.Error as error:
        line = max(1, reader.reader.line_num)
        raise BadInput([Problem(shown, line, 1, f"cannot be read as CSV: {error}")]) from None
    if row is None:
        fix = "write a line of column names, then the rows"
        raise BadInput([Problem.about(shown, "holds no data row", fix)])
    return columns
