"""Writes the steps of a procedure as a section of a runbook: an operator types what gameday runs."""

from __future__ import annotations

import re

from chaos.model.procedure import Procedure, ProcedureStep
from chaos.model.stack import Objective
from chaos.timing import format_duration

_FAILED_AT = (
    "`$failed_at` is the instant just before the damage, in UTC, such as `2026-03-01 09:30:00.000000+00`."
)


def section(procedure: Procedure, objective: Objective | None, source: str, folder: str) -> str:
    """Markdown of one procedure. ``source`` is its file, ``folder`` where the commands are typed.

    The text is a pure function of the procedure: the same file gives the same bytes.
    """
    lines = [_opening(procedure.procedure, source), f"## {procedure.title}", ""]
    if procedure.summary:
        lines += [" ".join(procedure.summary.split()), ""]
    promise = f"Planned: {format_duration(procedure.planned)}."
    if objective is not None and procedure.planned <= objective.rto:  # a longer one is only rehearsed
        promise += f" Promised: RTO {format_duration(objective.rto)}, RPO {format_duration(objective.rpo)}."
    lines += [f"{promise} Type the commands in `{folder}/`.", ""]
    if any("$failed_at" in command for step in procedure.steps for command in commands(step)):
        lines += [_FAILED_AT, ""]
    for number, step in enumerate(procedure.steps, 1):
        lines += _step(number, step)
    return "\n".join([*lines, _closing(procedure.procedure)]) + "\n"


def commands(step: ProcedureStep) -> tuple[str, ...]:
    """Every command of a step; the command of its check is the last."""
    return (*step.run, *((step.check.run,) if step.check.run is not None else ()))


def with_section(text: str, name: str, section: str) -> str:
    """A runbook with the section of one procedure replaced, or added at its end."""
    own = re.compile(rf"<!-- procedure {re.escape(name)}:.*?{re.escape(_closing(name))}\n?", re.DOTALL)
    if own.search(text):
        return own.sub(lambda _: section, text)
    return f"{text.rstrip()}\n\n{section}" if text.strip() else section


def _step(number: int, step: ProcedureStep) -> list[str]:
    lines = [f"### {number}. {step.title} ({format_duration(step.planned)})", ""]
    if step.run:
        lines += [*(f"    {_typed(command)}" for command in step.run), ""]
    return [*lines, f"Done when {_done_when(step)}.", ""]


def _done_when(step: ProcedureStep) -> str:
    check = step.check
    if check.http is not None:
        call = check.http
        wanted = f" answers {call.status}" if call.status is not None else " answers below 400"
        return f"`{call.method} {call.service}{call.path}`{wanted}"
    prints = f" and prints `{check.prints}`" if check.prints is not None else ""
    return f"`{_typed(check.run or '')}` succeeds{prints}"


def _typed(command: str) -> str:
    return command.replace("$$", "$")


def _opening(name: str, source: str) -> str:
    return f"<!-- procedure {name}: generated from {source} by `gameday runbooks`; edit that, not this -->"


def _closing(name: str) -> str:
    return f"<!-- end of procedure {name} -->"
