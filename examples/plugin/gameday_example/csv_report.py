"""The results of a run as a table that a spreadsheet opens."""

from __future__ import annotations

import csv
import io
from typing import ClassVar

from chaos.report.format import ReportFormat
from chaos.report.view import ReportView

_RISKY = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so


class _Csv(ReportFormat):
    """One line a result."""

    name: ClassVar[str] = "csv"
    suffix: ClassVar[str] = ".csv"
    summary: ClassVar[str] = "one line a result, for a spreadsheet"

    def draw(self, view: ReportView) -> str:
        table = io.StringIO()
        writer = csv.writer(table)
        writer.writerow(("scenario", "run", "check", "result", "outcome", "expected", "actual"))
        for check in view.checks:
            cells = (check.check, check.title, str(check.outcome), check.expected, check.actual)
            writer.writerow([_safe(cell) for cell in (view.scenario, view.run_id, *cells)])
        return table.getvalue()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_RISKY) else cell


FORMAT = _Csv()
