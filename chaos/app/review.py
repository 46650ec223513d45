"""``review``: the figures of a month, from everything kept under the reports folder."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.app.findings import counted_runs
from chaos.app.gamedays.debrief import stored_day
from chaos.app.gamedays.host import DAYS
from chaos.app.gamedays.records import day_journals
from chaos.app.stored_runs.stored import kept_incidents, kept_runs, watched_times
from chaos.errors import BadInput, ExitCode, GamedayError, Problem
from chaos.files import exists, files_in, make_folder, read_any_text
from chaos.findings import FILE_NAME, Finding, open_findings
from chaos.gameday.fold import fold
from chaos.post_mortem import LATE, blanks_in, is_of_drill, missing_sections, record_of
from chaos.report.write import write_texts
from chaos.review import (
    DayRecord,
    Month,
    PostMortemFile,
    Records,
    Review,
    review_html,
    review_lines,
    review_markdown,
    review_of,
)
from chaos.visible import one_line


def run_review(arguments: Namespace, context: CommandContext) -> ExitCode:
    """The review of ``--month``, by default the last one. ``BadInput`` for a month that has not begun."""
    now = context.clock.wall()
    month = arguments.month or Month.of(now).before
    if month.start > now:
        raise BadInput([Problem.about("--month", f"{month} has not begun", "name an earlier month")])
    review = review_of(_records(arguments, context, month, now), month, now)
    if arguments.into is not None:
        for path in _write(review, context.cwd / arguments.into):
            context.complain(f"written: {context.shown(path)}")
    if arguments.json:
        context.say(review.model_dump_json(indent=2))
        return ExitCode.PASS
    for line in review_lines(review):
        context.say(line)
    return ExitCode.PASS


def _records(arguments: Namespace, context: CommandContext, month: Month, now: float) -> Records:
    reports: Path = context.cwd / arguments.reports
    left_out: list[str] = []
    days = tuple(_days(reports, context, (month.before.start, min(month.end, now)), left_out))
    post_mortems = tuple(_post_mortems(context.cwd / arguments.post_mortems, left_out))
    return Records(
        incidents=kept_incidents(reports),
        watched=watched_times(reports),
        runs=kept_runs(reports),
        days=days,
        findings=_findings(reports),
        post_mortems=post_mortems,
        left_out=tuple(left_out),
    )


def _findings(reports: Path) -> tuple[Finding, ...] | None:
    path = reports / FILE_NAME
    if not exists(path):
        return None
    with open_findings(path) as findings:
        findings.count(counted_runs(reports))
        return findings.all()


def _days(
    reports: Path, context: CommandContext, window: tuple[float, float], left_out: list[str]
) -> Iterator[DayRecord]:
    """The game days that began in the window. ``left_out`` names each day that cannot be read."""

    def unread(folder: Path, error: GamedayError) -> None:
        left_out.append(one_line(f"game day {folder.name}: {str(error).splitlines()[0]}"))

    for folder, events in day_journals(reports / DAYS, unread):
        if not window[0] <= events[0].at < window[1]:
            continue
        try:
            debrief = stored_day(folder, context.shown(folder), context, events).debrief()
        except GamedayError as error:
            unread(folder, error)
            continue
        yield DayRecord(one_line(folder.name), events[0].at, fold(events).clock, debrief.slots)


def _post_mortems(folder: Path, left_out: list[str]) -> Iterator[PostMortemFile]:
    """``left_out`` names each file that cannot be read."""
    for path in files_in(folder, "INC-*.md"):
        try:
            text = read_any_text(path, path.name)
        except BadInput as bad:
            left_out.append(one_line(f"post-mortem {bad}"))
            continue
        complete = not missing_sections(text) and not blanks_in(text)
        yield PostMortemFile(
            name=one_line(path.name),
            record=record_of(text),
            drill=is_of_drill(path.name),
            complete=complete,
            late=LATE in text,
        )


def _write(review: Review, folder: Path) -> tuple[Path, ...]:
    name = f"review-{review.month}"
    return write_texts(
        make_folder(folder),
        {
            f"{name}.html": review_html(review),
            f"{name}.md": review_markdown(review),
            f"{name}.json": review.model_dump_json(indent=2) + "\n",
        },
    )
