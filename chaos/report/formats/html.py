"""The report as one offline page with charts."""

from __future__ import annotations

from typing import ClassVar

from chaos.report.format import ReportFormat
from chaos.report.html import report_html
from chaos.report.view import ReportView


class _Html(ReportFormat):
    name: ClassVar[str] = "html"
    suffix: ClassVar[str] = ".html"
    order: ClassVar[int] = 0
    summary: ClassVar[str] = "one offline page with charts"

    def draw(self, view: ReportView) -> str:
        return report_html(view)


FORMAT = _Html()
