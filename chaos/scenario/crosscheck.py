"""Checks that everything a scenario refers to exists in its stack and rules, and that no steps collide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from chaos.collector import Collector
from chaos.errors import Problem
from chaos.kinds import Fault, Objection, ScenarioContext, UnknownName
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import ALL, ANY
from chaos.model.stack import CLIENTS, LinkName, Stack
from chaos.scenario.half_read import STAND_IN, written
from chaos.scenario.ledgers import check_writers
from chaos.scenario.parts import ExpectedCheck, Located, Parts
from chaos.scenario.places import Document, Loc
from chaos.suggestions import known_words


@dataclass(frozen=True)
class CrossCheck:
    """Checks one scenario against its stack."""

    document: Document
    parts: Parts
    stack: Stack
    detection: DetectionFacts | None
    volumes: tuple[str, ...]  # of the compose file
    pace: float | None = None  # of the run; None: the pace is not known yet
    replicas: Mapping[str, int] = field(
        default_factory=dict
    )  # service -> how many containers it has, for services with more than one

    def problems(self) -> Iterator[Problem]:
        yield from self._conditions()
        yield from self._load()
        yield from check_writers(self.document, self.stack, self.parts.scenario.profiles)
        for located in self.parts.steps:
            yield from self._step(located)
        for located in self.parts.half_read:
            yield from self._named(located)
        yield from self._overlaps()
        yield from self._step_names()
        for expectation in self.parts.expectations:
            found = list(expectation.check.problems(expectation.value, self._context))
            yield from self._objections(found or self._without_fault(expectation), expectation.loc)
        for expectation in self.parts.half_expected:
            half = expectation.check.problems(expectation.value, self._context)
            yield from self._objections(filter(_names_something, half), expectation.loc)
        yield from self._collected()

    def _without_fault(self, expectation: ExpectedCheck) -> Iterator[Objection]:
        """An objection to an expectation that a run without a fault could only leave INCONCLUSIVE."""
        check = expectation.check
        if not self.parts.scenario.timeline and check.needs_fault(expectation.value):
            message = f"without a fault a run cannot show what {check.name} expects"
            yield Objection((), message, "add a timeline, or remove the expectation")

    def _collected(self) -> Iterator[Problem]:
        """A problem for each name that two checks record different evidence under."""
        known = {condition.label: "the steady state" for condition in self.parts.scenario.steady_state}
        collectors: dict[str, Collector] = {}
        for expectation in self.parts.expectations:
            for name, what in expectation.check.collects(expectation.value, self._context):
                if name in known and collectors.get(name) != what:
                    message = f"{known[name]} already records different evidence under the name {name!r}"
                    yield self.document.problem(expectation.loc, message, "remove one of the two")
                known[name], collectors[name] = f"the check {expectation.check.name}", what

    @property
    def _context(self) -> ScenarioContext:
        return ScenarioContext(self.parts.scenario, self.stack, self.detection, self.pace)

    def _conditions(self) -> Iterator[Problem]:
        entries = self.document.data.get("steady_state")
        for index in range(len(entries)) if isinstance(entries, list) else ():
            loc: Loc = ("steady_state", index)
            service = self.document.at((*loc, "http", "service"))
            if isinstance(service, str):
                yield from self._probed(service, (*loc, "http", "service"))
            if self.document.at((*loc, "promql")) is not None and self.stack.prometheus is None:
                yield self.document.problem(
                    (*loc, "promql"), "the stack has no Prometheus to query", "remove it"
                )

    def _probed(self, service: str, loc: Loc) -> Iterator[Problem]:
        if service not in self.stack.services:
            yield self._unknown("service", service, self.stack.services, loc)
        elif LinkName(client=CLIENTS, target=service) not in self.stack.links:
            message = f"gameday cannot probe service {service!r}: it has no link {CLIENTS}->{service}"
            yield self.document.problem(loc, message, "add the link to stack.yaml, or probe another service")

    def _load(self) -> Iterator[Problem]:
        profile = self.document.at(("load", "profile"))
        if isinstance(profile, str) and profile not in self.stack.load:
            yield self._unknown("load profile", profile, self.stack.load, ("load", "profile"))

    def _step(self, located: Located[Fault]) -> Iterator[Problem]:
        step, loc = located.value, located.loc
        yield from self._named(located)
        if not step.undoable and step.answer is None:
            message = f"gameday cannot undo {step.fault}"
            yield self.document.problem((*loc, "for"), message, "give answer: with a procedure", key=True)
        for param, message in step.stack_problems(self.stack):
            yield self.document.problem((*loc, param), message, key=True)
        yield from self._objections(step.problems(self._context), loc)

    def _named(self, located: Located[Fault]) -> Iterator[Problem]:
        """A problem for each unknown name in the step, even if other parts of the step could not be read."""
        step, loc = located.value, located.loc
        for what, names, known in (
            ("service", step.services(), list(self.stack.services)),
            ("link", step.links(), [str(link) for link in self.stack.links]),
            ("lever", step.levers(), list(self.stack.levers)),
        ):
            for name in written(names):
                if name not in known:
                    yield self._unknown(what, name, known, self._value_loc(loc, name))
        yield from self._lost(located)
        for name in written(step.services()):
            if name in self.replicas:
                message = (
                    f"{step.fault}: {name} has {self.replicas[name]} replicas, and the fault would hit "
                    "only one of them"
                )
                fix = f"break a link to {name}, which hits all replicas, or run {name} with one replica"
                yield self.document.problem(self._value_loc(loc, name), message, fix)

    def _lost(self, located: Located[Fault]) -> Iterator[Problem]:
        known = [name for name in self.volumes if name not in self.stack.offsite]
        for name in written(located.value.volumes()):
            loc = self._value_loc(located.loc, name)
            if f"volume {name}" in self.stack.use_as_is:
                message = f"volume {name!r} is under use_as_is: losing it would delete the owner's data"
                yield self.document.problem(loc, message, "take it out of use_as_is in stack.yaml")
            elif name in self.stack.offsite:
                message = f"volume {name!r} is off-site storage, which survives every disaster"
                yield self.document.problem(loc, message, f"expected another: {', '.join(known)}")
            elif name not in known:
                yield self._unknown("volume", name, known, loc)

    def _overlaps(self) -> Iterator[Problem]:
        steps = self.parts.steps
        for index, later in enumerate(steps):
            for earlier in steps[:index]:
                one, two = earlier.value, later.value
                shared = one.exclusive(self.stack) & two.exclusive(self.stack)
                if shared and _overlap(one, two):
                    line, column = self.document.where(earlier.loc)
                    message = (
                        f"{two.summary()} overlaps with {one.summary()} at {line}:{column}: each needs "
                        f"{' and '.join(sorted(shared))} to itself, or the undo of one would undo the other"
                    )
                    yield self.document.problem(later.loc, message, "move one of the two")

    def _step_names(self) -> Iterator[Problem]:
        """A step name is unique, and is not one of the words that stand for all faults."""
        seen = {ANY, ALL}
        for located in self.parts.steps:
            name = located.value.name
            if name in seen:
                message = f"the name {name!r} is taken"
                yield self.document.problem((*located.loc, "name"), message, "give the step another one")
            elif name is not None:
                seen.add(name)

    def _objections(self, found: Iterable[Objection], loc: Loc) -> Iterator[Problem]:
        for where, message, fix in found:
            yield self.document.problem((*loc, *where), message, fix)

    def _unknown(self, what: str, name: str, known: Iterable[str], loc: Loc) -> Problem:
        return self.document.problem(loc, f"unknown {what} {name!r}", known_words(name, known))

    def _value_loc(self, loc: Loc, text: str) -> Loc:
        """The place of the value ``text`` below ``loc``; ``loc`` itself if the value is not found."""
        for candidate in self.document.values:
            if candidate[: len(loc)] == loc and _same_text(self.document.at(candidate), text):
                return candidate
        return loc


def _names_something(objection: Objection) -> bool:
    """Is it about a name in the file? No other objection is reliable for an entry that is only half read."""
    return isinstance(objection, UnknownName) and STAND_IN not in objection.message


def _same_text(value: object, text: str) -> bool:
    return isinstance(value, str) and "".join(value.split()) == "".join(text.split())


def _overlap(one: Fault, two: Fault) -> bool:
    return one.at < two.at + two.hold and two.at < one.at + one.hold
