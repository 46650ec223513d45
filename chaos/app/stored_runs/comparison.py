"""``compare``: what changed from one run to another."""

from __future__ import annotations

from argparse import Namespace

from chaos.app.command_context import CommandContext
from chaos.app.stored_runs.seals import any_altered
from chaos.app.stored_runs.stored import row_of_name
from chaos.columns import columns
from chaos.errors import ExitCode
from chaos.files import is_folder
from chaos.history import FILE_NAME, Comparison, compare
from chaos.history.compare import Change, CheckChange
from chaos.model.verdict import AnyUnit, Unit
from chaos.report import human

NOT_ASKED = "not asked"


def run_compare(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Outcome, score, checks and measures of two runs side by side. Exit code 0 whatever they are (``gate``
    judges); 2, and nothing is compared, if a run folder was changed since it was sealed.
    """
    folders = [
        folder for name in (arguments.before, arguments.after) if is_folder(folder := context.cwd / name)
    ]
    if any_altered(folders, context, unsealed=arguments.unsealed, stored_verdict=True):
        return ExitCode.INCONCLUSIVE
    history = context.cwd / arguments.reports / FILE_NAME
    before, after = (row_of_name(name, context.cwd, history) for name in (arguments.before, arguments.after))
    found = compare(before, after)
    if arguments.json:
        context.say(found.model_dump_json(indent=2))
        return ExitCode.PASS
    for line in lines_of(found):
        context.say(line)
    return ExitCode.PASS


def lines_of(found: Comparison) -> list[str]:
    """The comparison as text: one line for all that is the same, one line for each change."""
    before, after = found.before, found.after
    head = ("", "before", "after", "difference")
    lines = [
        f"before  {before.scenario} {before.run_id}, {human.instant(before.began)}, {before.outcome}",
        f"after   {after.scenario} {after.run_id}, {human.instant(after.began)}, {after.outcome}",
        *(f"  not the same experiment: {words}" for words in found.unlike),
        "",
        *columns([head, *map(_row, (found.score, *_assessed(found), found.took))]),
        "",
        *_checks(found.checks),
    ]
    measured = [one for one in found.measures if one.before is not None or one.after is not None]
    if measured:
        lines += ["", *_measures(found)]
    return lines


def _assessed(found: Comparison) -> list[Change]:
    return [part for part in found.dimensions if part.before is not None or part.after is not None]


def _checks(checks: tuple[CheckChange, ...]) -> list[str]:
    changed = [one for one in checks if one.changed]
    same = len(checks) - len(changed)
    lines = [f"checks: {same} with the same outcome, {len(changed)} changed"]
    rows = [("  " + one.title, f"{one.before or NOT_ASKED} -> {one.after or NOT_ASKED}") for one in changed]
    return lines + columns(rows)


def _measures(found: Comparison) -> list[str]:
    lines: list[str] = []
    title = ""
    rows: list[tuple[str, ...]] = []
    for one in found.measures:
        if one.before is None and one.after is None:
            continue
        if one.title != title:
            lines += columns(rows)
            lines.append(one.title)
            title, rows = one.title, []
        rows.append(_row(one, indent="  "))
    return lines + columns(rows)


def _row(change: Change, indent: str = "") -> tuple[str, ...]:
    return (
        indent + change.name,
        _figure(change.before, change.unit),
        _figure(change.after, change.unit),
        _difference(change),
    )


def _figure(value: float | None, unit: AnyUnit) -> str:
    if value is not None and unit == Unit.POINTS:
        return human.points(value)
    return human.quantity(value, unit)


def _difference(change: Change) -> str:
    if change.difference is None:
        return ""
    if change.difference == 0:
        return "same"
    sign = "−" if change.difference < 0 else "+"
    size = abs(change.difference)
    words = f"{size:.3g}" if change.unit == Unit.POINTS else human.quantity(size, change.unit)
    return f"{sign}{words}" + ("" if change.percent is None else f" ({sign}{abs(change.percent):.0f} %)")
