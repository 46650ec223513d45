"""Reads the parts of a scenario file as typed values: steps by ``fault:``, expectations by check."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError, create_model

from chaos.errors import Problem
from chaos.kinds import AnyCheck, Fault
from chaos.model.base import Frozen
from chaos.model.scenario import CheckParams, Scenario, SteadyCondition, TimelineStep
from chaos.registry import Kinds
from chaos.scenario.half_read import STAND_IN, half_read
from chaos.scenario.places import Document, Loc
from chaos.scenario.plain_words import problems_of
from chaos.suggestions import known_words
from chaos.timing import parse_duration

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Located(Generic[M]):
    """A value and its place in the file."""

    value: M
    loc: Loc


@dataclass(frozen=True)
class ExpectedCheck:
    """What a scenario expects of one check, and its place in the file."""

    check: AnyCheck
    value: CheckParams
    loc: Loc


@dataclass(frozen=True)
class Parts:
    """What could be read of a scenario file.

    If there are problems, ``scenario`` holds its correct parts, and stand-ins for the other steps.
    """

    scenario: Scenario
    steps: tuple[Located[Fault], ...]
    expectations: tuple[ExpectedCheck, ...]
    problems: tuple[Problem, ...]
    # Entries with a problem in them: only their names can be used.
    half_read: tuple[Located[Fault], ...] = ()
    half_expected: tuple[ExpectedCheck, ...] = ()


def read_parts(document: Document, kinds: Kinds) -> Parts:
    """Read each part separately, so that a problem in one part does not hide problems in the others."""
    reader = _ScenarioReader(document, kinds)
    conditions = tuple(reader.conditions())
    steps = tuple(reader.steps())
    expectations = tuple(reader.expectations())
    head = reader.head()
    expect: dict[str, tuple[CheckParams, ...]] = {}
    for located in expectations:
        name = str(located.loc[1])
        expect[name] = (*expect.get(name, ()), located.value)
    right = {located.loc: located.value for located in steps}
    scenario = Scenario.model_construct(
        **head,
        steady_state=conditions,
        timeline=tuple(right.get(loc) or _stand_in(document, loc) for loc in reader.step_locs()),
        expect=expect,
    )
    return Parts(
        scenario,
        steps,
        expectations,
        tuple(reader.problems),
        tuple(reader.half_read),
        tuple(reader.half_expected),
    )


def _same_label(document: Document, loc: Loc, condition: SteadyCondition) -> Problem:
    """The problem of a condition that could not be told from an earlier one in a recording."""
    if condition.http is None:
        what, fix = "query", "keep one of the two, and give it every bound"
    else:
        what = "method, service and path"
        fix = (
            "keep one of the two, or tell them apart by the path: add a query such as ?second to one of them"
        )
    return document.problem(loc, f"two conditions of the steady state have the same {what}", fix)


def _stand_in(document: Document, loc: Loc) -> TimelineStep:
    """A stand-in for a step that could not be read, with its instants; an unknown length is unlimited."""

    def seconds(key: str, unknown: float) -> float:
        try:
            return parse_duration(document.at((*loc, key))) or unknown
        except ValueError:
            return unknown

    answer = document.at((*loc, "answer"))
    if isinstance(answer, str):
        return TimelineStep.model_construct(at=seconds("at", 0.0), fault="", hold=0.0, answer=answer)
    return TimelineStep.model_construct(at=seconds("at", 0.0), fault="", hold=seconds("for", math.inf))


class _ScenarioReader:
    """Reads one file and collects problems on the way."""

    def __init__(self, document: Document, kinds: Kinds) -> None:
        self._document = document
        self._kinds = kinds
        self.problems: list[Problem] = list(document.problems)
        self.half_read: list[Located[Fault]] = []
        self.half_expected: list[ExpectedCheck] = []

    def conditions(self) -> Iterator[SteadyCondition]:
        labels: set[str] = set()
        for loc, entry in self._entries("steady_state"):
            condition = self._validate(SteadyCondition, entry, loc)
            if condition is None:
                continue
            if condition.label in labels:
                self.problems.append(_same_label(self._document, loc, condition))
            labels.add(condition.label)
            yield condition

    def steps(self) -> Iterator[Located[Fault]]:
        if self._document.data.get("rehearse") and "timeline" not in self._document.data:
            return
        for loc, entry in self._entries("timeline"):
            kind = self._fault_kind(entry, loc)
            if kind is None:
                self._read_common_keys(entry, loc)
                continue
            step = self._validate(kind, entry, loc)
            if step is not None:
                yield Located(step, loc)
            elif (half := half_read(kind, _held(entry))) is not None:
                self.half_read.append(Located(half, loc))

    def step_locs(self) -> list[Loc]:
        """The places of the steps; if the timeline must have steps and has none, the place of the first."""
        timeline = self._document.data.get("timeline")
        count = len(timeline) if isinstance(timeline, list) else 0
        least = 0 if self._document.data.get("rehearse") else 1
        return [("timeline", index) for index in range(max(least, count))]

    def expectations(self) -> Iterator[ExpectedCheck]:
        data = self._document.data
        expect = data.get("expect")
        if not isinstance(expect, dict) or not expect:
            if "expect" not in data and not _names_procedures(data):
                self._add((), "missing key 'expect': nothing would be judged", _FIX_EXPECT)
            elif "expect" in data:
                got = "an empty one" if expect == {} else "nothing" if expect is None else "something else"
                message = f"expect: expected a mapping of checks to what they expect, got {got}"
                self._add(("expect",), message, _FIX_EXPECT)
            return
        for name, body in expect.items():
            check = self._check(name)
            if check is None:
                continue
            loc: Loc = ("expect", name)
            if body == [] or body is None:
                got = "nothing" if body is None else "an empty list"
                self._add(loc, f"{name}: expected at least one entry, got {got}")
                continue
            entries = enumerate(body) if isinstance(body, list) else [(None, body)]
            for index, entry in entries:
                where: Loc = loc if index is None else (*loc, index)
                value = self._validate(check.params, entry, where)
                if value is not None:
                    yield ExpectedCheck(check, value, where)
                elif (half := half_read(check.params, entry)) is not None:
                    self.half_expected.append(ExpectedCheck(check, half, where))

    def head(self) -> dict[str, Any]:
        """The other keys as typed values; a wrong value is replaced by a blank."""
        given = {key: value for key, value in self._document.data.items() if key not in _PARTS}
        try:
            _HEAD.model_validate(given)
        except ValidationError as error:
            self.problems.extend(problems_of(error, Scenario, self._document))
            wrong = {detail["loc"][0] for detail in error.errors(include_url=False)}
            given = {key: value for key, value in given.items() if key not in wrong}
        read = _LENIENT_HEAD.model_validate(given)
        return {name: getattr(read, name) for name in _HEAD_FIELDS}

    def _add(self, loc: Loc, message: str, fix: str = "", key: bool = False) -> None:
        self.problems.append(self._document.problem(loc, message, fix, key))

    def _entries(self, key: str) -> Iterable[tuple[Loc, object]]:
        if key not in self._document.data:
            self._add((), f"missing key {key!r}", "add it")
            return []
        value = self._document.data[key]
        if isinstance(value, list) and value:
            return [((key, index), entry) for index, entry in enumerate(value)]
        got = "an empty list" if value == [] else "nothing" if value is None else "something else"
        self._add((key,), f"{key}: expected a list of at least one entry, got {got}")
        return []

    def _validate(self, model: type[M], entry: object, loc: Loc) -> M | None:
        before = len(self.problems)
        for name, info in model.model_fields.items():
            # Pydantic also accepts the name of the field in code; a file may use only the alias.
            if info.alias not in (None, name) and isinstance(entry, dict) and name in entry:
                self._add((*loc, name), f"unknown key {name!r}", f"did you mean {info.alias!r}?", key=True)
        try:
            value = model.model_validate(entry)
        except ValidationError as error:
            self.problems.extend(problems_of(error, model, self._document, loc))
        return value if len(self.problems) == before else None

    def _fault_kind(self, entry: object, loc: Loc) -> type[Fault] | None:
        if not isinstance(entry, dict):
            self._add(loc, "expected a step such as {at: 1m, fault: container.kill, service: db, for: 2m}")
            return None
        name = entry.get("fault")
        if not isinstance(name, str):
            message = (
                "missing key 'fault'" if "fault" not in entry else "fault: expected the name of a fault kind"
            )
            self._add((*loc, "fault"), message, "gameday kinds lists them")
            return None
        kind = self._kinds.faults.get(name)
        if kind is None:
            self._add((*loc, "fault"), f"unknown fault {name!r}", known_words(name, self._kinds.faults))
        return kind

    def _read_common_keys(self, entry: object, loc: Loc) -> None:
        """Report what is wrong with the keys of a step that every fault has."""
        if isinstance(entry, dict):
            common = {info.alias or name for name, info in TimelineStep.model_fields.items()} - {"fault"}
            given = {key: value for key, value in entry.items() if key in common}
            self._validate(TimelineStep, _held({**given, "fault": ""}), loc)

    def _check(self, check: str) -> AnyCheck | None:
        kind = self._kinds.checks.get(check)
        if kind is not None and kind.takes_expectation:
            return kind
        what = f"unknown check {check!r}" if kind is None else f"check {check!r} takes no expectation"
        takers = [name for name, one in self._kinds.checks.items() if one.takes_expectation]
        self._add(("expect", check), what, known_words(check, takers), key=True)
        return None


def _names_procedures(data: Mapping[str, object]) -> bool:
    """Does the scenario run procedures? They are always judged, so ``expect`` may then be missing."""
    timeline = data.get("timeline")
    steps = timeline if isinstance(timeline, list) else []
    answers = any(isinstance(step, dict) and "answer" in step for step in steps)
    return answers or bool(data.get("rehearse"))


def _held(entry: object) -> object:
    """``entry`` with a stand-in for ``for:`` if it has neither ``for:`` nor ``answer:``."""
    held = isinstance(entry, dict) and not entry.keys() & {"for", "answer"}
    return {**entry, "for": STAND_IN} if held and isinstance(entry, dict) else entry


_FIX_EXPECT = "say what must hold, for example expect: {recovery: {rto: 15m}}"
_PARTS = ("steady_state", "timeline", "expect")
_HEAD_FIELDS = {name: info for name, info in Scenario.model_fields.items() if name not in _PARTS}
_STRICT: dict[str, Any] = {name: (info.annotation, info) for name, info in _HEAD_FIELDS.items()}
_LENIENT: dict[str, Any] = {
    name: (info.annotation, "" if info.is_required() else info.get_default())
    for name, info in _HEAD_FIELDS.items()
}
_HEAD: type[BaseModel] = create_model("Head", __base__=Frozen, **_STRICT)
_LENIENT_HEAD: type[BaseModel] = create_model("LenientHead", __base__=Frozen, **_LENIENT)
