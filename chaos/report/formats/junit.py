"""The report with one test case for each check, for a CI server."""

from __future__ import annotations

from typing import ClassVar

from chaos.report.format import ReportFormat
from chaos.report.junit import junit_xml
from chaos.report.view import ReportView


class _Junit(ReportFormat):
    name: ClassVar[str] = "junit"
    suffix: ClassVar[str] = ".xml"
    stem: ClassVar[str] = "junit"
    order: ClassVar[int] = 2
    summary: ClassVar[str] = "one test case a check, for a CI server"

    def draw(self, view: ReportView) -> str:
        return junit_xml([view])


FORMAT = _Junit()
