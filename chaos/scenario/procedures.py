"""Reads the procedure files of a stack, and checks them against it and the scenarios that name them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from string import Template

from pydantic import ValidationError

from chaos.errors import BadInput, Problem
from chaos.files import files_in
from chaos.model.procedure import Procedure, ProcedureStep
from chaos.model.scenario import Scenario
from chaos.model.stack import Stack
from chaos.patterns import PatternError, pattern
from chaos.scenario.commands import command_problems
from chaos.scenario.compose import read_compose
from chaos.scenario.places import Document, Loc, read_document
from chaos.scenario.plain_words import problems_of
from chaos.suggestions import known_words
from chaos.timing import format_duration, parse_duration


def read_procedures(
    stack: Stack, root: Path, shown: str = "", services: Collection[str] | None = None
) -> dict[str, Procedure]:
    """Every procedure of a stack by name. ``root`` is the folder of stack.yaml; messages call it ``shown``.
    ``services``: those of its compose project; None: this function reads them.

    Raises ``BadInput`` with every problem of all files. A stack without a folder of procedures has none.
    """
    if stack.procedures is None:
        return {}
    folder = root / stack.procedures
    services = _composed(stack, root) if services is None else services
    found: dict[str, Procedure] = {}
    problems: list[Problem] = []
    for path in files_in(folder, "*.yaml"):
        try:
            name = str(Path(shown or root) / stack.procedures / path.name)
            procedure = _read(path, name, stack, root, services)
        except BadInput as bad:
            problems.extend(bad.problems)
            continue
        found[procedure.procedure] = procedure
    if problems:
        raise BadInput(problems)
    return found


def named_by(scenario: Scenario) -> tuple[tuple[Loc, str], ...]:
    """(place in the scenario, name) of every procedure that it runs, in the order in which they begin."""
    return (
        *((("prepare", index), name) for index, name in enumerate(scenario.prepare)),
        *((("rehearse", index), name) for index, name in enumerate(scenario.rehearse)),
        *(
            (("timeline", index, "answer"), step.answer)
            for index, step in enumerate(scenario.timeline)
            if step.answer is not None
        ),
    )


def unknown_procedures(
    scenario: Scenario, document: Document, known: Mapping[str, Procedure]
) -> Iterator[Problem]:
    """A problem for each unknown procedure that the scenario names."""
    for loc, name in named_by(scenario):
        if name not in known:
            yield document.problem(loc, f"unknown procedure {name!r}", known_words(name, known))


def too_early(scenario: Scenario, document: Document, known: Mapping[str, Procedure]) -> Iterator[Problem]:
    """A problem for each procedure that uses the instant of the failure and runs before the failure."""
    for loc, name in named_by(scenario):
        if loc[0] == "timeline" or name not in known:
            continue
        for step in known[name].steps:
            texts = (*step.run, *((step.check.run,) if step.check.run is not None else ()))
            if any("failed_at" in Template(text).get_identifiers() for text in texts):
                message = f"step {step.step} of {name} uses $failed_at, but runs before any fault"
                yield document.problem(loc, message, "run it under answer: in the timeline, after a fault")


def broken_promises(
    scenario: Scenario, stack: Stack, document: Document, known: Mapping[str, Procedure]
) -> Iterator[Problem]:
    """A problem where the scenario allows more time or data loss than the procedure's objective does."""
    for name in dict.fromkeys(step.answer for step in scenario.timeline if step.answer is not None):
        procedure = known.get(name)
        objective = stack.objectives.get(procedure.objective or "") if procedure else None
        if procedure is None or objective is None:
            continue
        limits = [(loc, objective.rto) for loc in _expected(document, "recovery", "rto")]
        limits += [(loc, objective.rpo) for loc in _expected(document, "data", "rpo")]
        for loc, promised in limits:
            try:
                allowed = parse_duration(document.at(loc))
            except ValueError:
                continue  # not expected, or already reported
            if allowed <= promised:
                continue
            message = (
                f"the {str(loc[-1]).upper()} {format_duration(allowed)} is longer than the objective "
                f"{procedure.objective} of procedure {procedure.procedure}, {format_duration(promised)}"
            )
            yield document.problem(loc, message, "shorten it to the objective, or change the objective")


def _expected(document: Document, check: str, key: str) -> list[Loc]:
    """The places where ``key`` of a check may be: in its only entry, or in each entry of a list."""
    here: Loc = ("expect", check)
    entries = document.at(here)
    if isinstance(entries, list):
        return [(*here, index, key) for index in range(len(entries))]
    return [(*here, key)]


def _composed(stack: Stack, root: Path) -> Collection[str] | None:
    """The services that a command may name; None if the compose file cannot be read."""
    try:
        return tuple(read_compose(stack, root))
    except BadInput:
        return None


def _read(path: Path, shown: str, stack: Stack, root: Path, services: Collection[str] | None) -> Procedure:
    document = read_document(path, shown)
    problems = list(document.problems)
    try:
        procedure = Procedure.model_validate(document.data)
    except ValidationError as error:
        raise BadInput([*problems, *problems_of(error, Procedure, document)]) from None
    problems.extend(_check(procedure, path, document, stack, root))
    problems.extend(_commands(procedure, document, services))
    if problems:
        raise BadInput(problems)
    return procedure


def _check(
    procedure: Procedure, path: Path, document: Document, stack: Stack, root: Path
) -> Iterator[Problem]:
    if procedure.procedure != path.stem:
        message = f"procedure {procedure.procedure!r} does not have the name of its file, {path.name}"
        yield document.problem(("procedure",), message, "rename the procedure or the file")
    if procedure.objective is not None and procedure.objective not in stack.objectives:
        message = f"unknown objective {procedure.objective!r}"
        yield document.problem(("objective",), message, known_words(procedure.objective, stack.objectives))
    if procedure.runbook is not None and stack.runbooks is not None:
        known = [found.stem for found in files_in(root / stack.runbooks, "*.md")]
        if procedure.runbook not in known:
            message = f"unknown runbook {procedure.runbook!r}"
            yield document.problem(("runbook",), message, known_words(procedure.runbook, known))
    first: dict[str, int] = {}
    for index, step in enumerate(procedure.steps):
        if first.setdefault(step.step, index) != index:
            message = f"two steps are named {step.step!r}"
            yield document.problem(("steps", index, "step"), message, "give each step its own name")
        yield from _check_step(step, ("steps", index), document, stack)


def _commands(
    procedure: Procedure, document: Document, services: Collection[str] | None
) -> Iterator[Problem]:
    for index, step in enumerate(procedure.steps):
        loc: Loc = ("steps", index)
        commands: list[tuple[Loc, str]] = [((*loc, "run", i), text) for i, text in enumerate(step.run)]
        if step.check.run is not None:
            commands.append(((*loc, "check", "run"), step.check.run))
        for where, text in commands:
            for message, fix in command_problems(text, services):
                yield document.problem(where, message, fix)


def _check_step(step: ProcedureStep, loc: Loc, document: Document, stack: Stack) -> Iterator[Problem]:
    if step.check.prints is not None:
        try:
            pattern(step.check.prints, lines=True)
        except PatternError as error:
            message = f"prints is not a regular expression: {error}"
            yield document.problem((*loc, "check", "prints"), message)
    http = step.check.http
    if http is not None and http.service not in stack.services:
        message = f"unknown service {http.service!r}"
        yield document.problem(
            (*loc, "check", "http", "service"), message, known_words(http.service, stack.services)
        )
