"""``findings``: what is open, recurring and overdue; adds and assigns. Runs come from the history."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from chaos.app.command_context import CommandContext
from chaos.app.gamedays.records import PlayedDay, is_day_folder, played_day
from chaos.app.known_findings import scenario_run
from chaos.app.stored_runs.stored import kept_runs
from chaos.columns import columns
from chaos.errors import BadInput, ExitCode, Problem
from chaos.findings import (
    FILE_NAME,
    RESPONSE,
    FailedResult,
    Finding,
    Findings,
    ScenarioRun,
    noted,
    open_findings,
)
from chaos.gameday.requirements import requirements_of
from chaos.model.verdict import Outcome
from chaos.post_mortem.action_items import action_items, retest_of
from chaos.scenario.places import read_text

_VERSION = 1


def run_findings(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Count the runs of the history, apply the changes in the arguments, then list the findings.

    Raises ``BadInput`` for an unknown number, and for a finding that no scenario would ever close.
    """
    reports: Path = context.cwd / arguments.reports
    now = context.clock.wall()
    if arguments.add is not None and not (arguments.scenario and arguments.add.strip()):
        message = "expected a title, and --scenario too"
        raise BadInput([Problem.about("--add", message, "name the scenario that re-tests it")])
    today = datetime.fromtimestamp(now, UTC).date()
    runs = counted_runs(reports)  # first: a history that cannot be read must leave no file
    with open_findings(reports / FILE_NAME) as findings:
        findings.count(runs)
        _change(findings, arguments, context, now)
        listed = [one for one in findings.all() if arguments.all or one.closed is None]
    if arguments.json:
        context.say(_json(listed, today))
        return ExitCode.PASS
    for line in _lines(listed, today):
        context.say(line)
    return ExitCode.PASS


def counted_runs(reports: Path) -> tuple[ScenarioRun, ...]:
    """Leaves out runs with ``--env``: they ran on a different stack."""
    return tuple(scenario_run(row) for row in kept_runs(reports) if row.as_written)


def _change(findings: Findings, arguments: Namespace, context: CommandContext, now: float) -> None:
    if arguments.add is not None:
        identity = f"noted/{arguments.scenario}/{arguments.add}"
        found = noted(
            identity,
            arguments.add,
            arguments.scenario,
            "noted by hand",
            now,
            owner=arguments.owner or "",
            due=arguments.due,
        )
        context.complain(f"{findings.note([found])} added")
    elif arguments.source is not None and is_day_folder(context.cwd / arguments.source):
        _count_day(findings, arguments, context)
    elif arguments.source is not None:
        context.complain(f"{findings.note(_items(arguments, context, now))} added")
    elif arguments.assign is not None:
        findings.assign(arguments.assign, arguments.owner, arguments.due)


def _count_day(findings: Findings, arguments: Namespace, context: CommandContext) -> None:
    """``--owner`` and ``--due`` apply to the new findings only."""
    day = played_day(context.cwd / arguments.source, str(arguments.source), context)
    before = {one.identity for one in findings.all()}
    findings.count(_responses(day))
    new = [one for one in findings.all() if one.identity not in before]
    for one in new:
        if arguments.owner is not None or arguments.due is not None:
            findings.assign(one.name, arguments.owner, arguments.due)
    context.complain(f"{len(new)} added")


def _responses(day: PlayedDay) -> Iterator[ScenarioRun]:
    """How people responded to each scenario. It is INCONCLUSIVE about the stack: the run judges that."""
    for one, stack in zip(day.played, day.stacks, strict=True):
        asked = requirements_of(one.slot)
        yield ScenarioRun(
            run_id=f"{day.name}/{one.slot.number}",
            scenario=one.scenario,
            stack=stack,
            began=one.slot.slot.started or day.debrief.began,
            outcome=Outcome.INCONCLUSIVE,
            failed=tuple(
                FailedResult(key=RESPONSE + each.key, title=each.title) for each in asked if not each.met
            ),
            met=tuple(RESPONSE + each.key for each in asked if each.met),
            source=f"game day {day.name}",
        )


def _items(arguments: Namespace, context: CommandContext, now: float) -> Iterator[Finding]:
    file: Path = arguments.source
    written = read_text(context.cwd / file, str(file))
    items = action_items(written)
    if not items:
        raise BadInput(
            [Problem.about(str(file), "it has no action items", "fill in the table of action items")]
        )
    of_all = retest_of(written)
    for item in items:
        scenario = arguments.scenario or item.retest or of_all
        if not scenario:
            fix = "write its name under prevention measures, or give --scenario"
            raise BadInput([Problem.about(str(file), f"no scenario re-tests {item.what!r}", fix)])
        yield noted(
            f"post-mortem/{file.stem}/{item.what}",
            item.what,
            scenario,
            file.name,
            now,
            owner=arguments.owner or item.owner,
            due=arguments.due or item.due,
        )


def _lines(findings: Sequence[Finding], today: date) -> Iterator[str]:
    if not findings:
        yield "no open findings"
        return
    rows = [["number", "state", "due", "owner", "times", "re-tested by", "finding"]]
    for one in findings:
        due = f"{one.due} overdue" if one.overdue(today) else f"{one.due}"
        state = f"{one.state} by {one.closed_by}" if one.closed is not None else str(one.state)
        owner = one.owner or "no owner"
        rows.append([one.name, state, due, owner, str(one.times), one.scenario, one.title])
    yield from columns(rows)
    open_ones = [one for one in findings if one.closed is None]
    overdue = sum(one.overdue(today) for one in open_ones)
    recurring = sum(one.reopened > 0 for one in open_ones)
    yield f"{len(open_ones)} open, {recurring} of them recurring, {overdue} overdue"


def _json(findings: Sequence[Finding], today: date) -> str:
    listed = [
        {
            "number": one.name,
            "state": str(one.state),
            "overdue": one.overdue(today),
            **one.model_dump(mode="json", exclude={"number", "identity"}),
        }
        for one in findings
    ]
    return json.dumps({"schema_version": _VERSION, "findings": listed}, indent=2, ensure_ascii=False)
