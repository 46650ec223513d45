"""The contract of a report format, and the formats that are installed."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from chaos.errors import BadInput, Problem, ToolProblem
from chaos.extensions import add_kind, modules_of
from chaos.report.view import ReportView

GROUP = "gameday.reports"
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_SUFFIX = re.compile(r"(\.[a-z0-9]+)+")
# A report must never replace a part of the recording, its verdict or its seal.
_TAKEN = frozenset(
    {"scenario", "plan", "journal", "load", "ledger", "readback", "metrics", "verdict", "manifest"}
)


class ReportFormat(ABC):
    """One format in which the report of a run is drawn.

    A module of ``chaos.report.formats``, or one that an entry point of the group ``gameday.reports`` names,
    holds one instance as ``FORMAT``. The report is written into the run folder as ``<stem><suffix>``.
    """

    name: ClassVar[str]  # small letters, digits and hyphens
    suffix: ClassVar[str]  # with its dot: ".html"
    summary: ClassVar[str]  # one line, for `gameday kinds`
    stem: ClassVar[str] = "report"
    order: ClassVar[int] = 100  # the lowest is written first, and named first to the user

    @property
    def file(self) -> str:
        """Name of the file in the run folder."""
        return f"{self.stem}{self.suffix}"

    @abstractmethod
    def draw(self, view: ReportView) -> str | bytes:
        """The whole file. Text is written as UTF-8. Pure: ``view`` holds everything that a report may say.

        An exception counts as the format's own failure (exit code 3). The other formats are still written.
        """


@cache
def formats() -> tuple[ReportFormat, ...]:
    """Every installed format, in the order in which they are written.

    Raises ``BadInput`` when an entry point is broken, or a format has a name or file that it may not have.
    """
    found = [getattr(module, "FORMAT", None) for module in modules_of("chaos.report.formats", GROUP)]
    return ordered(one for one in found if isinstance(one, ReportFormat))


def ordered(found: Iterable[ReportFormat]) -> tuple[ReportFormat, ...]:
    """``found`` in their order. Raises ``BadInput`` for a name or file that is wrong or taken."""
    names: dict[str, ReportFormat] = {}
    files: dict[str, ReportFormat] = {}
    for one in found:
        _checked(one)
        add_kind(names, one.name, one)
        add_kind(files, one.file, one)
    return tuple(sorted(names.values(), key=lambda one: (one.order, one.name)))


def _checked(one: ReportFormat) -> None:
    if not _NAME.fullmatch(one.name):
        why = f"expected a name of small letters, digits and hyphens, got {one.name!r}"
    elif not _SUFFIX.fullmatch(one.suffix):
        why = f"expected a suffix such as '.html', got {one.suffix!r}"
    elif not _NAME.fullmatch(one.stem) or one.stem in _TAKEN:
        why = f"its file {one.file!r} may be another part of a run folder; leave stem as it is"
    else:
        return
    raise BadInput([Problem.about(f"report format {one.name}", why, "fix the package that brings it")])


@dataclass(frozen=True)
class DrawnFiles:
    """File -> content of each format, and the errors of formats that could not be drawn."""

    files: Mapping[str, str | bytes]
    problems: tuple[ToolProblem, ...]


def draw_all(view: ReportView, using: Iterable[ReportFormat]) -> DrawnFiles:
    """Draw ``view`` in every format. A failed format does not stop the others."""
    files: dict[str, str | bytes] = {}
    problems: list[ToolProblem] = []
    for one in using:
        try:
            content: object = one.draw(view)
        except Exception as error:
            problems.append(_failed(one, f"{type(error).__name__}: {error}"))
            continue
        if isinstance(content, str | bytes):
            files[one.file] = content
        else:
            problems.append(_failed(one, f"expected text or bytes, got {type(content).__name__}"))
    return DrawnFiles(files, tuple(problems))


def _failed(one: ReportFormat, why: str) -> ToolProblem:
    place = type(one).__module__
    return ToolProblem(f"the report format {one.name} ({place}) failed: {why}", f"fix or uninstall {place}")
