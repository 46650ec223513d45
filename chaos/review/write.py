"""Draws a review as a page, as Markdown, and as lines for a terminal."""

from __future__ import annotations

from chaos.model.verdict import Unit
from chaos.report import human
from chaos.report.html import Theme, page
from chaos.report.markdown import text, text_table
from chaos.review.model import Review, ReviewFigure, ReviewPart, ReviewUnit

FIGURE_HEAD = ("figure", "this month", "month before", "from", "")
SEVERITY_HEAD = ("severity", "incidents", "open", "MTTD", "MTTR")
RECURRING_HEAD = ("alert", "incidents", "mean distance", "newest", "runbook")
FINDING_HEAD = ("finding", "state", "due", "owner", "re-tested by", "what")
_THEME = Theme("chaos.review")


def shown(value: float | None, unit: ReviewUnit) -> str:
    """The value with its unit; ``not enough data`` for None."""
    if value is None:
        return human.NOT_ENOUGH_DATA
    if unit is ReviewUnit.SECONDS:
        return human.duration(value)
    if unit is ReviewUnit.SHARE:
        return human.quantity(value, Unit.SHARE)
    return f"{human.number(value)}{' per week' if unit is ReviewUnit.PER_WEEK else ''}"


def figure_cells(one: ReviewFigure) -> tuple[str, ...]:
    """The cells under ``FIGURE_HEAD``."""
    return (
        one.label,
        shown(one.value, one.unit),
        shown(one.before, one.unit),
        f"{one.records}: {one.of}",
        one.note,
    )


def window_line(review: Review) -> str:
    said = f"From {human.instant(review.start)} to {human.instant(review.end)}."
    return said if review.whole else f"{said} The month is not over."


def findings_line(review: Review) -> str:
    if review.open_findings is None:
        return f"Findings: {human.NOT_ENOUGH_DATA}; no list of findings (gameday findings creates it)."
    count = human.count(review.open_findings, "finding")
    return f"{count} open at the end, {len(review.findings)} overdue or recurring."


def review_html(review: Review) -> str:
    """One offline page without a script."""
    return page(
        "review/review.html.j2",
        _THEME,
        review=review,
        not_enough=human.NOT_ENOUGH_DATA,
        window=window_line(review),
        findings=findings_line(review),
        parts=[(part, [figure_cells(one) for one in part.figures]) for part in _parts(review)],
        heads=(FIGURE_HEAD, SEVERITY_HEAD, RECURRING_HEAD, FINDING_HEAD),
    )


def review_markdown(review: Review) -> str:
    blocks = [f"# Review of {review.month}", text(window_line(review))]
    for part in _parts(review):
        rows = [figure_cells(one) for one in part.figures]
        blocks += [f"## {part.title}", text_table(FIGURE_HEAD, rows)]
        for title, head, cells in (
            ("By severity", SEVERITY_HEAD, part.severities),
            ("Recurring alerts", RECURRING_HEAD, part.recurring),
        ):
            if cells:
                blocks += [f"### {title}", text_table(head, cells)]
    blocks += ["## Findings", text(findings_line(review))]
    if review.findings:
        blocks.append(text_table(FINDING_HEAD, review.findings))
    if review.left_out:
        blocks += ["## Not in these figures", "\n".join(f"- {text(line)}" for line in review.left_out)]
    return "\n\n".join(blocks) + "\n"


def review_lines(review: Review) -> list[str]:
    """The figures for a terminal."""
    lines = [f"review of {review.month}", window_line(review)]
    for part in _parts(review):
        lines += ["", part.title.lower()]
        for one in part.figures:
            note = f"; {one.note}" if one.note else ""
            before = shown(one.before, one.unit)
            lines.append(
                f"  {one.label:24} {shown(one.value, one.unit)}"
                f"  (from {one.records}: {one.of}; month before: {before}{note})"
            )
    lines += ["", findings_line(review)]
    lines += ["  " + "  ".join(row) for row in review.findings]
    return [*lines, *(f"not in these figures: {line}" for line in review.left_out)]


def _parts(review: Review) -> tuple[ReviewPart, ReviewPart]:
    return review.incidents, review.exercises
