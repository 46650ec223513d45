"""Were the backups examined, and is each of them whole, young enough and restorable?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydantic import Field, ValidationError

from chaos.checks._common import Found, marked, span, unknown
from chaos.model.base import Frozen
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import CheckParams, Scenario
from chaos.model.stack import Stack
from chaos.model.verdict import CheckResult, Dimension, Evidence, Measure, Outcome
from chaos.suggestions import known_words
from chaos.timeline.procedures import procedure_runs
from chaos.timeline.recording import Recording

_SHOWN = 200  # characters of a line that nobody understands
_DECODER = json.JSONDecoder()
_OBJECT = re.compile(r'\{\s*"')  # where one may begin
_UP_TO_NEXT = re.compile(r'(?:(?!\{\s*")[^\n])*')
_NAMED = re.compile(r'"backup"\s*:\s*"([^"\n]*)"')
_FIX_AGE = "See why the scheduled backup did not run, and take one now."


class Backups(CheckParams):
    """Which backups of the stack the procedures must have examined."""

    examined: tuple[str, ...] = Field(
        default=(), description="names under backups: of stack.yaml; default all of them"
    )

    def problems(self, scenario: Scenario, stack: Stack, detection: DetectionFacts | None) -> Iterator[Found]:
        """What can be said to be wrong before anything is started."""
        for index, name in enumerate(self.examined):
            if name not in stack.backups:
                where = ("examined", index)
                yield where, f"unknown backup {name!r}", known_words(name, stack.backups)
        if not self.examined and not stack.backups:
            yield (), "stack.yaml declares no backups", "declare them, or expect nothing of them"
        if not scenario.rehearse and not any(step.answer for step in scenario.timeline):
            yield (), "no procedure of the scenario could examine a backup", "rehearse one that does"


class Line(Frozen):
    """A JSON line that a step printed: a fact of a backup (``label``), or a finding against it.

    ``age_s`` in seconds, ``size_bytes`` in bytes.
    """

    backup: str
    label: str = ""
    taken: str = ""
    age_s: float | None = Field(default=None, allow_inf_nan=False)
    size_bytes: int | None = None
    kind: str = ""
    finding: str = ""
    detail: str = ""
    fix: str = ""


@dataclass
class _Examined:
    facts: list[Line] = field(default_factory=list)
    findings: list[Line] = field(default_factory=list)
    garbled: list[str] = field(default_factory=list)  # what was said of it that nobody understands


class _BackupsCheck:
    """Reads what the procedures' steps printed: ``{"backup", "finding", "detail", "fix"}`` for each thing
    that is wrong, ``{"backup", "label", "taken", "age_s", "size_bytes", "kind"}`` for each backup seen.

    A backup that nobody examined is INCONCLUSIVE: silence is no health; and so is one of which something was
    printed that is not understood: it may have been a finding. Any finding, or an age beyond
    ``max_age``, is a FAIL.
    """

    name = "backups"
    summary = "every declared backup was examined, and is whole, young enough and restorable"
    params: type[CheckParams] | None = Backups
    dimensions = (Dimension.DATA,)
    reads = ("journal",)

    def judge(self, recording: Recording, params: CheckParams | None) -> tuple[CheckResult, ...]:
        assert isinstance(params, Backups)
        seen = _read(recording)
        return tuple(
            self._judged(recording.plan.stack, name, seen.get(name, _Examined()))
            for name in params.examined or tuple(recording.plan.stack.backups)
        )

    def _judged(self, stack: Stack, name: str, seen: _Examined) -> CheckResult:
        title = f"backup {name}"
        facts = stack.backups[name]
        limit = facts.max_age
        expected = f"examined, nothing found, at most {span(limit)} old (taken every {span(facts.every)})"
        ages = [fact.age_s for fact in seen.facts if fact.age_s is not None]
        youngest = min(ages, default=None)
        measures = (Measure(name="age of the newest backup", value=youngest, limit=limit, note=name),)
        evidence = tuple(Evidence(text=_words(line)) for line in (*seen.findings, *seen.facts))
        if not seen.findings and (youngest is None or seen.garbled):
            why = "no step printed its age: it was not examined"
            why = f"not understood: {seen.garbled[0]}" if seen.garbled else why
            return unknown(self.name, title, expected, why, Dimension.DATA, evidence, measures)
        wrong = [_words(line) for line in seen.findings]
        if youngest is not None and youngest > limit:
            wrong.append(f"the newest is {span(youngest)} old, at most {span(limit)} is allowed")
        fix = next((line.fix for line in seen.findings if line.fix), _FIX_AGE)
        return CheckResult(
            check=self.name,
            title=title,
            outcome=Outcome.FAIL if wrong else Outcome.PASS,
            expected=expected,
            actual="; ".join(wrong) if wrong else f"nothing found, {span(youngest or 0.0)} old",
            evidence=evidence,
            measures=measures,
            marks=marked(Dimension.DATA, 0.0 if wrong else 1.0, f"backup {name}: {'; '.join(wrong)}", fix),
        )


def _read(recording: Recording) -> dict[str, _Examined]:
    """What was printed of each backup, each thing once."""
    seen: dict[str, _Examined] = {}
    for run in procedure_runs(recording):
        for step in run.steps:
            for name, line in _lines(step.output):
                of = seen.setdefault(name, _Examined())
                if isinstance(line, str):
                    of.garbled.append(line)
                    continue
                into = of.findings if line.finding else of.facts
                if line not in into:
                    into.append(line)
    return seen


def _lines(output: str) -> Iterator[tuple[str, Line | str]]:
    """(backup, fact or finding) of each JSON object that is about one, wherever in a line it stands; one that
    is no such thing, or no JSON, as it stands.

    Whatever else a tool prints is none of them. It may stand on the same line, before or behind: what comes
    out of two streams is joined as it arrives.
    """
    end = 0
    while begin := _OBJECT.search(output, end):
        try:
            raw, end = _DECODER.raw_decode(output, begin.start())
        except ValueError:
            end = begin.end()
            rest = _UP_TO_NEXT.match(output, end)
            text = begin[0] + (rest[0] if rest else "")
            if named := _NAMED.search(text):
                yield named[1], text.strip()[:_SHOWN]
            continue
        if not isinstance(raw.get("backup"), str):
            continue
        try:
            line = Line.model_validate({k: v for k, v in raw.items() if k in Line.model_fields})
        except ValidationError:
            yield raw["backup"], output[begin.start() : end][:_SHOWN]
        else:
            yield line.backup, line


def _words(line: Line) -> str:
    if line.finding:
        return f"{line.finding}: {line.detail}" if line.detail else line.finding
    size = "" if line.size_bytes is None else f", {line.size_bytes} bytes"
    age = "" if line.age_s is None else f", {span(line.age_s)} old"
    return f"{line.kind or 'backup'} {line.label}{size}{age}"


CHECK = _BackupsCheck()
