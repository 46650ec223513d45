"""Reads a scenario file, its stack and its rules, and checks them against each other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chaos.errors import BadInput, Problem
from chaos.files import files_in
from chaos.model.plan import ScenarioSource
from chaos.model.procedure import Procedure
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import Scenario
from chaos.model.stack import Stack
from chaos.model.variables import Variables
from chaos.registry import Kinds
from chaos.registry import kinds as installed_kinds
from chaos.scenario.crosscheck import CrossCheck
from chaos.scenario.environment import variables_of
from chaos.scenario.parts import read_parts
from chaos.scenario.places import Document, Loc, Place, read_document
from chaos.scenario.procedures import (
    broken_promises,
    too_early,
    unknown_procedures,
)
from chaos.scenario.profiles import check_environment, check_profiles
from chaos.scenario.spliceable import notes_on
from chaos.scenario.stack_places import resolve_stack
from chaos.scenario.stack_reader import StackFiles, StackReader
from chaos.scenario.stackfile import LoadedStack
from chaos.suggestions import known_words


@dataclass(frozen=True)
class LoadedScenario:
    """A scenario without unknown references. ``detection`` is None for a stack without Prometheus.

    ``procedures`` are those that the scenario names, ``variables`` those that its services take.
    """

    scenario: Scenario
    stack: Stack
    stack_root: Path
    source: ScenarioSource
    detection: DetectionFacts | None
    document: Document
    procedures: Mapping[str, Procedure]
    variables: Variables
    notes: tuple[str, ...] = ()  # what no proxy can carry, or what a run does differently from the owner

    @property
    def text(self) -> str:
        """The file as it was read."""
        return self.document.text

    def where(self, loc: Loc) -> Place:
        """Line and column, from 1, of a value of the file, such as ``("timeline", 0, "service")``."""
        return self.document.where(loc)


def load_scenario(
    path: Path, kinds: Kinds | None = None, pace: float | None = None, reader: StackReader | None = None
) -> LoadedScenario:
    """Read one scenario file. BadInput carries every problem of it, of its stack.yaml and of the rule files.

    ``kinds`` defaults to all that are installed. With a ``pace``, an expectation that no check can judge at
    that pace is a problem too. ``reader``: share it between scenarios, so that their stack is read only once.
    """
    reader = reader or StackReader()
    file = str(path)
    document = read_document(path, file)
    parts = read_parts(document, kinds or installed_kinds())
    problems = list(parts.problems)
    files: StackFiles | None = None
    try:
        files = _stack_of(document, path, reader)
    except BadInput as bad:
        problems.extend(bad.problems)
    if files is not None:
        loaded, detection, procedures = files.loaded, files.detection, files.procedures
        volumes, composed = loaded.project.volumes, loaded.project.services
        replicas = {name: one.replicas for name, one in composed.items() if one.replicas > 1}
        held = CrossCheck(document, parts, loaded.stack, detection, volumes, pace, replicas)
        problems.extend(held.problems())
        problems.extend(check_profiles(document, parts, loaded.stack, composed))
        variables = variables_of(loaded.stack, composed)
        problems.extend(check_environment(document, loaded.stack, parts.scenario, variables))
        problems.extend(_runbook(document, loaded))
        problems.extend(unknown_procedures(parts.scenario, document, procedures))
        problems.extend(too_early(parts.scenario, document, procedures))
        problems.extend(broken_promises(parts.scenario, loaded.stack, document, procedures))
    if problems or files is None:
        raise BadInput(_unique(problems))
    source = ScenarioSource(
        file=file,
        sha256=hashlib.sha256(document.text.encode()).hexdigest(),
        git_commit=reader.git_commit(path.resolve().parent),
    )
    wanted = {name: procedures[name] for name in parts.scenario.procedures}
    return LoadedScenario(
        scenario=parts.scenario,
        stack=loaded.stack,
        stack_root=loaded.root,
        source=source,
        detection=detection,
        document=document,
        procedures=wanted,
        variables=variables,
        notes=tuple(notes_on(loaded.stack, loaded.project)),
    )


def _stack_of(document: Document, path: Path, reader: StackReader) -> StackFiles | None:
    reference = document.data.get("stack")
    if not isinstance(reference, str):
        return None  # reported as a missing or wrong key already
    return reader.read(reader.instead or resolve_stack(reference, document, path))


def _runbook(document: Document, loaded: LoadedStack) -> list[Problem]:
    name, folder = document.data.get("runbook"), loaded.stack.runbooks
    if not isinstance(name, str) or folder is None:
        return []
    known = [path.stem for path in files_in(loaded.root / folder, "*.md")]
    return (
        []
        if name in known
        else [document.problem(("runbook",), f"unknown runbook {name!r}", known_words(name, known))]
    )


def _unique(problems: list[Problem]) -> list[Problem]:
    return list(dict.fromkeys(problems))
