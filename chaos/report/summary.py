"""Several runs on one page: index.html, summary.md and summary.json. The merged outcome is the worst one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from chaos.model.base import Frozen
from chaos.model.verdict import WORST_FIRST, Outcome, worst_outcome
from chaos.report import human
from chaos.report.broken import BrokenRun
from chaos.report.html import page, past_data
from chaos.report.markdown import SIGNS, score_text, sentence, table, text
from chaos.report.past import ScenarioTrendView
from chaos.report.tiles import TileKey
from chaos.report.view import ReportView


class SummaryRun(Frozen):
    """One run in summary.json. Durations in seconds; None: not known, or it did not happen."""

    scenario: str
    title: str
    run_id: str
    outcome: Outcome
    reason: str
    score: float | None
    certifiable: bool
    pace: float
    took: float
    noticed_after: float | None
    over_after: float | None
    requests: int
    errors: int
    degraded: int
    worst_p95: float | None
    report: str  # relative to the summary's folder
    rerun_of: str = ""  # folder name of the run that this one replaces, because the machine was too busy


class Summary(Frozen):
    schema_version: int = 1
    outcome: Outcome
    runs: tuple[SummaryRun, ...]
    broken: tuple[BrokenRun, ...] = ()


@dataclass(frozen=True)
class SummaryRow:
    """One run as the page shows it."""

    view: ReportView
    link: str
    noticed: str
    over: str
    users: str
    first: str  # link to the run that this one replaces; "": the scenario ran once


@dataclass(frozen=True)
class TrendRow:
    """One scenario against its earlier runs. ``index``: of its chart; None: too few points for a trend."""

    title: str
    past: ScenarioTrendView
    index: int | None


def rows_of(runs: Sequence[tuple[ReportView, Path]], folder: Path) -> tuple[SummaryRow, ...]:
    """Worst first, else in the order in which they ran."""
    rows = [_row(view, run_folder, folder) for view, run_folder in runs]
    return tuple(sorted(rows, key=lambda row: WORST_FIRST.index(row.view.outcome)))


def _row(view: ReportView, run_folder: Path, folder: Path) -> SummaryRow:
    def link(of: Path) -> str:
        return quote(Path(os.path.relpath(of / "report.html", folder)).as_posix())

    by_key = {tile.key: tile for tile in view.tiles}
    users = by_key[TileKey.USERS]
    said = ", ".join(f"{value} {name}" for value, name in users.extra) or users.value
    return SummaryRow(
        view,
        link(run_folder),
        by_key[TileKey.NOTICED].value,
        by_key[TileKey.OVER].value,
        said,
        link(run_folder.parent / view.rerun_of) if view.rerun_of else "",
    )


def _outcome(rows: Sequence[SummaryRow], broken: Sequence[BrokenRun]) -> Outcome:
    """The worst outcome of the judged runs; a broken run counts as INCONCLUSIVE."""
    return worst_outcome([row.view.outcome for row in rows] + [Outcome.INCONCLUSIVE] * len(broken))


def headline(rows: Sequence[SummaryRow], broken: Sequence[BrokenRun] = ()) -> str:
    """``2 of 5 scenarios passed, 1 failed, 1 inconclusive, 1 left nothing to judge``."""
    if not rows and not broken:
        return "No scenario ran."
    tally = {outcome: sum(row.view.outcome is outcome for row in rows) for outcome in WORST_FIRST}
    words = {Outcome.FAIL: "failed", Outcome.ABORTED: "aborted", Outcome.INCONCLUSIVE: "inconclusive"}
    rest = [f"{tally[outcome]} {word}" for outcome, word in words.items() if tally[outcome]]
    rest += [f"{len(broken)} left nothing to judge"] if broken else []
    asked = human.count(len(rows) + len(broken), "scenario")
    return ", ".join([f"{tally[Outcome.PASS]} of {asked} passed", *rest]) + "."


def pace_line(rows: Sequence[SummaryRow]) -> str:
    """The pace, or that the runs had several."""
    lines = {row.view.pace_line for row in rows}
    if len(lines) > 1:
        return "pace: " + ", ".join(sorted({human.pace(row.view.pace) for row in rows})) + ", see each report"
    return lines.pop() if lines else "pace: no data"


def summary_html(rows: Sequence[SummaryRow], broken: Sequence[BrokenRun] = ()) -> str:
    trends = trends_of(rows)
    return page(
        "index.html.j2",
        trends=any(trend.index is not None for trend in trends),
        past=trends,
        findings=[row.view for row in rows if row.view.findings is not None],
        past_data=past_data([(row.view.title, row.view.past) for row in rows]),
        rows=rows,
        broken=broken,
        outcome=_outcome(rows, broken),
        headline=headline(rows, broken),
        pace_line=pace_line(rows),
    )


def trends_of(rows: Sequence[SummaryRow]) -> tuple[TrendRow, ...]:
    """The rows that have a history, in their order; only drawn rows have a chart index."""
    found: list[TrendRow] = []
    drawn = 0
    for row in rows:
        past = row.view.past
        if past is not None:
            found.append(TrendRow(row.view.title, past, drawn if past.drawn else None))
            drawn += past.drawn
    return tuple(found)


def summary_markdown(rows: Sequence[SummaryRow], broken: Sequence[BrokenRun] = ()) -> str:
    outcome = _outcome(rows, broken)
    cells = [
        (
            f"{SIGNS[row.view.outcome]} {row.view.outcome}",
            f"[{text(row.view.title)}]({row.link})",
            text(score_text(row.view)),
            text(row.noticed),
            text(row.over),
            text(row.users),
        )
        for row in rows
    ]
    head = ("", "scenario", "score", "noticed after", "over after", "users saw")
    blocks = [
        f"_{sentence(pace_line(rows))}_",
        f"## {SIGNS[outcome]} {outcome}: {headline(rows, broken)}",
        table(head, cells) if cells else "No data.",
    ]
    reasons = [
        f"- **{text(row.view.title)}**: {text(row.view.reason)}"
        for row in rows
        if row.view.outcome is not Outcome.PASS
    ]
    again = "ran again, alone: this machine was too busy to judge"
    reasons += [
        f"- **{text(row.view.title)}**: {again} [the first run]({row.first})" for row in rows if row.first
    ]
    reasons += [f"- **{text(one.scenario)}**: the harness broke: {text(one.detail)}" for one in broken]
    past = [f"- **{text(row.view.title)}**: {text(row.view.past.statement)}" for row in rows if row.view.past]
    if past:
        blocks.append("### Against earlier runs\n\n" + "\n".join(past))
    found = [
        f"- **{text(row.view.title)}**: {text(row.view.findings.sentence)}"
        for row in rows
        if row.view.findings
    ]
    if found:
        blocks.append("### Findings\n\n" + "\n".join(found))
    return "\n\n".join([*blocks[:3], *(["\n".join(reasons)] if reasons else []), *blocks[3:]]) + "\n"


def summary_json(rows: Sequence[SummaryRow], broken: Sequence[BrokenRun] = ()) -> str:
    runs = tuple(_summary_run(row) for row in rows)
    value = Summary(outcome=_outcome(rows, broken), runs=runs, broken=tuple(broken))
    return value.model_dump_json(indent=2) + "\n"


def _summary_run(row: SummaryRow) -> SummaryRun:
    view, found = row.view, row.view.moments
    seen = found.users
    return SummaryRun(
        scenario=view.scenario,
        title=view.title,
        run_id=view.run_id,
        outcome=view.outcome,
        reason=view.reason,
        score=view.score.value,
        certifiable=view.score.certifiable,
        pace=view.pace,
        took=round(view.took, 3),
        noticed_after=_rounded(found.noticed.after),
        over_after=None
        if found.over is None or found.broken is None
        else _rounded(found.over - found.broken),
        requests=seen.requests if seen else 0,
        errors=seen.errors if seen else 0,
        degraded=seen.degraded if seen else 0,
        worst_p95=_rounded(seen.worst_p95) if seen else None,
        report=row.link,
        rerun_of=view.rerun_of,
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
