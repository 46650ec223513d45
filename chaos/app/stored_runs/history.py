"""``history``: the runs that were kept, their trends, and what is due."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.app.stored_runs.past import point_of
from chaos.app.stored_runs.rebuild import rebuild
from chaos.app.stored_runs.stored import existing_history
from chaos.columns import columns
from chaos.errors import BadInput, ExitCode
from chaos.history import RunRow, baseline, freshness_of, recovery_of, sparkline
from chaos.history.trend import middle
from chaos.model.base import Frozen
from chaos.model.past import Freshness, PastDrill, PastRun
from chaos.model.plan import WARM
from chaos.model.project_files import stack_files_below
from chaos.report import human
from chaos.scenario import load_stack
from chaos.scenario.procedures import read_procedures


class Trend(Frozen):
    """Runs of one scenario, stack and pace, oldest first. The medians are over the last five that count.
    ``warm``: runs on a stack that an earlier run had used, which no run on a new one is compared with.
    """

    scenario: str
    stack: str
    pace: float
    runs: tuple[PastRun, ...]
    median_score: float | None
    median_recovery: float | None
    warm: bool = False


_Key = tuple[str, str, float, bool]  # scenario, stack, pace, on a warm stack


class HistoryView(Frozen):
    """What ``history --json`` prints."""

    schema_version: int = 1
    runs: tuple[RunRow, ...]  # oldest first
    trends: tuple[Trend, ...]
    procedures: tuple[Freshness, ...]
    drills: tuple[PastDrill, ...]


def run_history(arguments: Namespace, context: CommandContext) -> ExitCode:
    """A table of runs, their trends, the procedures and drills; ``--rebuild`` rebuilds the file first."""
    reports: Path = context.cwd / arguments.reports
    code = ExitCode.PASS
    if arguments.rebuild:
        say = context.complain if arguments.json else context.say
        code = rebuild(reports, say, context, unsealed=arguments.unsealed)
    view = _view(reports, arguments.scenario, arguments.last, context)
    if arguments.json:
        context.say(view.model_dump_json(indent=2))
        return code
    for line in _lines(view):
        context.say(line)
    return code


def _view(reports: Path, scenario: str | None, last: int, context: CommandContext) -> HistoryView:
    with existing_history(reports) as history:
        runs = history.runs(scenario)
        drills = () if scenario else history.drills()
    known = () if scenario else _known_procedures(context)
    return HistoryView(
        runs=runs[-last:],
        trends=trends_of(runs, last),
        procedures=freshness_of(runs, known, context.clock.wall()),
        drills=drills[-last:],
    )


def trends_of(runs: Sequence[RunRow], last: int) -> tuple[Trend, ...]:
    """One trend for each scenario, stack and pace, by name, and one for its runs on a warm stack; at most
    ``last`` runs each. Pure.

    Runs with ``--env`` ran on a different stack: they are in the table, but in no trend.
    """
    groups: dict[_Key, list[RunRow]] = {}
    for run in (run for run in runs if run.as_written):
        groups.setdefault((run.scenario, run.stack, run.pace, bool(run.variables)), []).append(run)
    return tuple(
        _trend(key, sorted(group, key=lambda run: run.began), last) for key, group in sorted(groups.items())
    )


def _trend(key: _Key, group: list[RunRow], last: int) -> Trend:
    newest = group[-1]
    counted = baseline(newest.model_copy(update={"began": float("inf")}), group)
    return Trend(
        scenario=key[0],
        stack=key[1],
        pace=key[2],
        warm=key[3],
        runs=tuple(point_of(run) for run in group[-last:]),
        median_score=middle([run.score for run in counted]),
        median_recovery=middle([recovery_of(run) for run in counted]),
    )


def _known_procedures(context: CommandContext) -> tuple[str, ...]:
    """Procedures of the stacks below the working folder, so that those that never ran are listed too."""
    names: list[str] = []
    for path in stack_files_below(context.cwd):
        try:
            stack = load_stack(path)
            names += read_procedures(stack.stack, stack.root, services=stack.project.services)
        except BadInput as error:
            context.complain(f"{error}\n(left out: the procedures of this stack)")
    return tuple(names)


def _lines(view: HistoryView) -> list[str]:
    if not view.runs and not view.drills:
        return ["the history holds no run"]
    head = ("began", "run", "scenario", "outcome", "score", "recovery", "pace", "variables")
    lines = columns([head, *map(_cells, view.runs)])
    lines += [
        "",
        "trends, oldest to newest, with the median of the last five that count; without runs with --env",
    ]
    for trend in view.trends:
        lines += _trend_lines(trend)
    if view.procedures:
        lines += ["", "procedures"]
        lines += columns([("  " + each.procedure, each.words) for each in view.procedures])
    if view.drills:
        lines += ["", "drills"]
        lines += columns([("  " + human.instant(d.began), d.drill, _score(d), d.grade) for d in view.drills])
    return lines


def _cells(run: RunRow) -> tuple[str, ...]:
    return (
        human.instant(run.began).removesuffix(" UTC"),
        run.run_id,
        run.scenario,
        str(run.outcome),
        _score(run),
        human.duration(recovery_of(run)),
        human.pace(run.pace),
        run.variables,
    )


def _score(kept: RunRow | PastDrill) -> str:
    """A score that is not certifiable is a lower bound."""
    if kept.score is None:
        return human.NO_DATA
    return human.points(kept.score) + ("" if kept.certifiable else " ?")


def _trend_lines(trend: Trend) -> list[str]:
    scores = sparkline([run.score for run in trend.runs], low=0.0, high=100.0)
    recoveries = sparkline([run.recovery for run in trend.runs], low=0.0)
    warm = f", {WARM}" if trend.warm else ""
    median_score = human.NO_DATA if trend.median_score is None else human.points(trend.median_score)
    return [
        f"  {trend.scenario} (stack {trend.stack}, pace {human.pace(trend.pace)}{warm})",
        f"    score    {scores}  median {median_score}",
        f"    recovery {recoveries}  median {human.duration(trend.median_recovery)}",
    ]
