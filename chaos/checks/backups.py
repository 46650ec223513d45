"""Were the backups examined, and is each one complete, recent enough and restorable?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from pydantic import Field, ValidationError

from chaos.checks.kit import span
from chaos.kinds import Check, Objection, Part, ScenarioContext, UnknownName
from chaos.model.asked import Asked, CannotTell
from chaos.model.base import Frozen
from chaos.model.identity import EvidenceKind, MeasureKey, ResultKey, Subject, SubjectKind
from chaos.model.plan import Plan
from chaos.model.scenario import CheckParams
from chaos.model.stack import BackupFacts
from chaos.model.verdict import CheckResult, Dimension, Distance, Evidence, Measure
from chaos.timeline.procedures import procedure_runs
from chaos.timeline.recording import Recording

SOUND = ResultKey("backups.sound")
AGE = MeasureKey("backups.age")
_SHOWN = 200  # characters of an unknown line that a message shows
_DECODER = json.JSONDecoder()
_OBJECT = re.compile(r'\{\s*"')  # where a JSON object may begin
_UP_TO_NEXT = re.compile(r'(?:(?!\{\s*")[^\n])*')
_NAMED = re.compile(r'"backup"\s*:\s*"([^"\n]*)"')
_FIX_AGE = "See why the scheduled backup did not run, and take one now."


class Backups(CheckParams):
    """Which backups of the stack the procedures must have examined."""

    examined: tuple[str, ...] = Field(
        default=(), description="names under backups: of stack.yaml; default: all of them"
    )
    step: str | None = Field(
        default=None,
        description="the step that examines them; default: any step, even one that only lists them",
    )


class BackupLine(Frozen):
    """A JSON line that a step printed: facts about a backup (``label``), or a finding against it.

    ``age_s`` in seconds (two clocks may make a new one a little negative), ``size_bytes`` in bytes.
    """

    backup: str
    label: str = ""
    taken: str = ""
    age_s: float | None = Field(default=None, ge=-1.0, allow_inf_nan=False)
    size_bytes: int | None = Field(default=None, ge=0)
    kind: str = ""
    finding: str = ""
    detail: str = ""
    fix: str = ""


@dataclass
class _Examined:
    facts: list[BackupLine] = field(default_factory=list)
    findings: list[BackupLine] = field(default_factory=list)
    garbled: list[str] = field(default_factory=list)  # lines about it that could not be parsed


class _BackupsCheck(Check[Backups]):
    """Reads what the procedures' steps printed: ``{"backup", "finding", "detail", "fix"}`` for each defect,
    and ``{"backup", "label", "taken", "age_s", "size_bytes", "kind"}`` for each backup.

    Facts count as an examination only from ``step``, and never from a procedure that prepares the run: taking
    a backup does not examine it. Findings count from every step.

    The result is INCONCLUSIVE if no such step printed the age of a backup, or if a line about it cannot be
    parsed: the line may have been a finding. Any finding, or an age beyond ``max_age``, is a FAIL.
    """

    name = "backups"
    summary = "every declared backup was examined, and is whole, young enough and restorable"
    params = Backups
    dimensions = (Dimension.DATA,)
    reads = (Part.JOURNAL,)
    distance = Distance.MEANS

    def problems(self, params: Backups, context: ScenarioContext) -> Iterator[Objection]:
        scenario, stack = context.scenario, context.stack
        for index, name in enumerate(params.examined):
            if name not in stack.backups:
                yield UnknownName.of(("examined", index), "backup", name, stack.backups)
        if not params.examined and not stack.backups:
            yield Objection((), "stack.yaml declares no backups", "declare some, or remove this expectation")
        if not scenario.rehearse and not any(step.answer for step in scenario.timeline):
            message = "no procedure of the scenario could examine a backup"
            yield Objection((), message, "rehearse a procedure that examines backups")

    def asks(self, plan: Plan, params: Backups) -> Iterator[Asked]:
        for name in params.examined or tuple(plan.stack.backups):
            facts = plan.stack.backups[name]
            yield self.asked(
                SOUND,
                f"backup {name}",
                f"examined, nothing found, at most {span(facts.max_age)} old (taken every "
                f"{span(facts.every)})",
                subject=Subject(kind=SubjectKind.BACKUP, name=name),
                dimension=Dimension.DATA,
            )

    def answers(self, recording: Recording, params: Backups, asked: Sequence[Asked]) -> Iterator[CheckResult]:
        examined = _read(recording, params.step)
        for one in asked:
            name = one.subject.name
            facts, found = recording.plan.stack.backups[name], examined.get(name, _Examined())
            yield one.settled(partial(self._answer, one, facts, found, params.step))

    def _answer(self, asked: Asked, facts: BackupFacts, found: _Examined, step: str | None) -> CheckResult:
        name, limit = asked.subject.name, facts.max_age
        youngest = min((fact.age_s for fact in found.facts if fact.age_s is not None), default=None)
        measures = [
            Measure(key=AGE, label="age of the newest backup", value=youngest, limit=limit, note=name)
        ]
        evidence = [
            Evidence(text=_words(line), kind=EvidenceKind.BACKUP, ids=(name,))
            for line in (*found.findings, *found.facts)
        ]
        if not found.findings and (youngest is None or found.garbled):
            who = "no step after the preparation" if step is None else f"no step {step}"
            why = f"{who} printed its age: it was not examined"
            why = f"not understood: {found.garbled[0]}" if found.garbled else why
            raise CannotTell(why, evidence=evidence, measures=measures)
        wrong = [_words(line) for line in found.findings]
        if youngest is not None and youngest > limit:
            wrong.append(f"the newest is {span(youngest)} old, at most {span(limit)} is allowed")
        if not wrong:
            actual = f"nothing found, {span(youngest or 0.0)} old"
            return asked.passed(actual, evidence=evidence, measures=measures)
        fix = next((line.fix for line in found.findings if line.fix), _FIX_AGE)
        return asked.failed("; ".join(wrong), fix=fix, evidence=evidence, measures=measures)


def _read(recording: Recording, examines: str | None) -> dict[str, _Examined]:
    """The distinct lines printed about each backup; facts only from steps that may have examined it."""
    seen: dict[str, _Examined] = {}
    for run in procedure_runs(recording):
        for step in run.steps:
            for name, line in _lines(step.output):
                of = seen.setdefault(name, _Examined())
                if isinstance(line, str):
                    of.garbled.append(line)
                    continue
                counts = run.purpose != "prepare" and examines in (None, step.step)
                into = of.findings if line.finding else of.facts
                if line not in into and (line.finding or counts):
                    into.append(line)
    return seen


def _lines(output: str) -> Iterator[tuple[str, BackupLine | str]]:
    """(backup, fact or finding) for each JSON object about a backup, anywhere in a line.

    Ignores other output, also on the same line: the two output streams are joined as they arrive.
    """
    end = 0
    while begin := _OBJECT.search(output, end):
        try:
            raw, end = _DECODER.raw_decode(output, begin.start())
        except (ValueError, RecursionError):  # RecursionError: an object that is nested too deeply
            end = begin.end()
            rest = _UP_TO_NEXT.match(output, end)
            text = begin[0] + (rest[0] if rest else "")
            if named := _NAMED.search(text):
                yield named[1], text.strip()[:_SHOWN]
            continue
        if not isinstance(raw.get("backup"), str):
            continue
        try:
            line = BackupLine.model_validate({k: v for k, v in raw.items() if k in BackupLine.model_fields})
        except ValidationError:
            yield raw["backup"], output[begin.start() : end][:_SHOWN]
        else:
            yield line.backup, line


def _words(line: BackupLine) -> str:
    if line.finding:
        return f"{line.finding}: {line.detail}" if line.detail else line.finding
    size = "" if line.size_bytes is None else f", {line.size_bytes} bytes"
    age = "" if line.age_s is None else f", {span(line.age_s)} old"
    return f"{line.kind or 'backup'} {line.label}{size}{age}"


CHECK = _BackupsCheck()
