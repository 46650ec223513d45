"""The short version, for the summary page of a CI job."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chaos.model.verdict import Outcome
from chaos.report import human
from chaos.report.findings import FINDING_HEAD
from chaos.report.row_kind import RowKind
from chaos.report.view import CheckView, ReportView

SIGNS = {Outcome.PASS: "✅", Outcome.FAIL: "❌", Outcome.INCONCLUSIVE: "❔", Outcome.ABORTED: "⏹️"}


def report_markdown(view: ReportView) -> str:
    """Verdict, the four answers, checks, lost points and what was missing."""
    blocks = [
        f"_{sentence(view.pace_line)}_",
        f"## {SIGNS[view.outcome]} {view.outcome}: {text(view.title)}",
        text(view.reason),
        f"**Score {score_text(view)}**" + (f" ({text(view.score.note)})" if view.score.note else ""),
        _missing(view),
        _answers(view),
        _checks(view),
        _lost(view),
        _people(view),
        _past(view),
        _findings(view),
        _setup(view),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _people(view: ReportView) -> str:
    """What people did during the run; empty if they did nothing."""
    lines = [
        f"- {human.clock(entry.at)}: {text(entry.text)}"
        for entry in view.story
        if entry.kind is RowKind.PEOPLE
    ]
    return "### What people did\n\n" + "\n".join(lines) if lines else ""


def text(value: str) -> str:
    """``value`` on one line, without anything that Markdown, HTML or a table would read as markup."""
    line = " ".join(human.plain(value).split())
    for char in "\\`*[]|":
        line = line.replace(char, "\\" + char)
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        line = line.replace(char, entity)
    return line


def sentence(value: str) -> str:
    return text(value[:1].upper() + value[1:])


def score_text(view: ReportView) -> str:
    """``92 / 100``, and whether it counts."""
    return f"{view.score.total} / 100" + ("" if view.score.certifiable else ", not certifiable")


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A pipe table; cells are escaped by the caller."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def text_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """The same for plain texts."""
    return table(head, [tuple(map(text, row)) for row in rows])


def _missing(view: ReportView) -> str:
    if not view.missing:
        return ""
    return "**Not everything was recorded**\n\n" + "\n".join(f"- {text(line)}" for line in view.missing)


def _answers(view: ReportView) -> str:
    rows = []
    for tile in view.tiles:
        value = ", ".join(f"{figure} {name}" for figure, name in tile.extra) or tile.value
        rows.append(
            (text(tile.label), f"**{text(value)}**", text("; ".join(line.rstrip(".") for line in tile.lines)))
        )
    return table(("", "", ""), rows)


def _checks(view: ReportView) -> str:
    if not view.checks:
        return "No check was judged: no data, so no PASS."
    rows = [
        (
            f"{SIGNS[check.outcome]} {check.outcome}",
            text(check.title),
            text(check.expected),
            text(check.actual),
        )
        for check in view.checks
    ]
    failed = [check for check in view.checks if check.outcome is not Outcome.PASS]
    parts = [table(("", "check", "expected", "actual"), rows), *(_evidence(check) for check in failed)]
    return "\n\n".join(part for part in parts if part)


def _evidence(check: CheckView) -> str:
    if not check.evidence:
        return ""
    lines = [f"- {fact.at + ' ' if fact.at else ''}{text(fact.text)}" for fact in check.evidence]
    return f"Evidence for **{text(check.title)}**\n\n" + "\n".join(lines)


def _lost(view: ReportView) -> str:
    if not view.score.lost:
        return ""
    rows = [
        (f"−{part.points}", text(part.dimension), text(part.reason or part.check), text(part.fix))
        for part in view.score.lost
    ]
    return "### Lost points, and what to fix\n\n" + table(("points", "dimension", "why", "to fix"), rows)


def _past(view: ReportView) -> str:
    if view.past is None:
        return ""
    rows = [
        (
            f"{point.began}{' (this run)' if point.this else ''}",
            f"{SIGNS[point.outcome]} {point.outcome}",
            human.NO_DATA if point.score is None else human.points(point.score),
            human.duration(point.recovery),
        )
        for point in view.past.points[-6:]
    ]
    said = f"### Against earlier runs\n\n{text(view.past.statement)}"
    return said + "\n\n" + table(("began", "outcome", "score", "recovery"), rows) if view.past.drawn else said


def _findings(view: ReportView) -> str:
    if view.findings is None:
        return ""
    rows = view.findings.rows
    said = f"### Findings\n\n{text(view.findings.sentence)}"
    return said + "\n\n" + text_table(FINDING_HEAD, rows) if rows else said


def _setup(view: ReportView) -> str:
    rows = [fact for fact in view.facts.rows if fact.name != "pace"]  # that is the first line of all
    lines = [f"- {text(fact.name)}: {text(fact.value)}" for fact in rows]
    lines += [f"- image {text(image.name)}: {text(image.value)}" for image in view.facts.images]
    parts = [
        _noise(view),
        "<details><summary>How it was run</summary>",
        "\n".join(lines),
        _compressed(view),
        "</details>",
    ]
    return "\n\n".join(part for part in parts if part)


def _noise(view: ReportView) -> str:
    if view.noise is None:
        return ""
    control = f"control run {view.noise.control}" if view.noise.control else "control run (--control)"
    rows = [(row.measure, row.control, row.before, text(row.during)) for row in view.noise.rows]
    head = ("measure", control, "before the fault", "while it held")
    return "### Beside the noise floor\n\n" + table(head, rows)


def _compressed(view: ReportView) -> str:
    figures = [figure for figure in view.facts.figures if figure.compressed]
    if not figures:
        return ""
    rows = [(text(figure.name), text(figure.production), text(figure.real)) for figure in figures]
    return table(("compressed by the pace", "policy time", "here"), rows)
