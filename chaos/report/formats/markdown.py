"""The report as text for a pull request or a ticket."""

from __future__ import annotations

from typing import ClassVar

from chaos.report.format import ReportFormat
from chaos.report.markdown import report_markdown
from chaos.report.view import ReportView


class _Markdown(ReportFormat):
    name: ClassVar[str] = "markdown"
    suffix: ClassVar[str] = ".md"
    order: ClassVar[int] = 1
    summary: ClassVar[str] = "text for a pull request or a ticket"

    def draw(self, view: ReportView) -> str:
        return report_markdown(view)


FORMAT = _Markdown()
