"""The contract of every kind: what a fault and a check must implement, and what they may declare.

Each kind is one file. Everything that the rest of the program needs to know about a kind is a member here
with a default, so that a kind from another package has the same rights as a built-in one.
``chaos.registry`` finds the kinds; nothing lists them by name.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from chaos.collector import Collector
from chaos.model.asked import Asked, settle
from chaos.model.check_times import AlertDeadline as AlertDeadline
from chaos.model.check_times import RealLimit as RealLimit
from chaos.model.check_times import Wait as Wait
from chaos.model.covered import CoverageKind as CoverageKind
from chaos.model.covered import Covered as Covered
from chaos.model.identity import RUN, ResultKey, Subject
from chaos.model.links import LinkName
from chaos.model.objections import Objection as Objection
from chaos.model.objections import UnknownName as UnknownName
from chaos.model.plan import Plan
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import CheckParams, Scenario, TimelineStep
from chaos.model.stack import Stack
from chaos.model.verdict import Cap, CheckResult, Dimension, Distance
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement
from chaos.timeline.recording import Recording


@dataclass(frozen=True)
class ScenarioContext:
    """The context for checking a kind's parameters before a run.

    ``detection`` is None for a stack without Prometheus. ``pace`` is the pace of the run; None without a
    run: then report only what is wrong at every pace. Pace 1 allows the most time.
    """

    scenario: Scenario
    stack: Stack
    detection: DetectionFacts | None
    pace: float | None = None

    def real(self, production: float) -> float:
        """Real seconds of a length of production time."""
        return production / (self.pace or 1.0)

    def production(self, real: float) -> float:
        """Production seconds of a length of real time."""
        return real * (self.pace or 1.0)

    def unanswered_services(self) -> tuple[str, ...]:
        """The services that faults without ``answer:`` break, in alphabetical order. For a fault with an
        answer the objective of the procedure counts.
        """
        unanswered = (step for step in self.scenario.timeline if step.answer is None)
        return tuple(sorted(services_hit(unanswered, self.stack)))


class BrokenLink(NamedTuple):
    """A link that a fault breaks. ``closed``: nothing listens, so the dial of a client is refused."""

    link: LinkName
    closed: bool


class Fault(TimelineStep):
    """A fault kind. Its parameters are its fields. See docs/adding-a-fault.md.

    A subclass narrows ``fault`` to a ``Literal`` of its name, and implements the five methods at the end.
    Everything before them is optional. ``gameday kinds`` prints the first line of the docstring.
    """

    undoable: ClassVar[bool] = True  # False: ``revert`` cannot undo it, so a scenario must say ``answer:``
    baselines: ClassVar[int] = 1  # how often the effect is measured before the injection

    def services(self) -> tuple[str, ...]:
        """Services that the fault names; the loader refuses unknown ones."""
        return ()

    def links(self) -> tuple[str, ...]:
        """Links that the fault names."""
        return ()

    def levers(self) -> tuple[str, ...]:
        """Levers that the fault names."""
        return ()

    def volumes(self) -> tuple[str, ...]:
        """Volumes that the fault names, as the compose file does; none may be off-site storage."""
        return ()

    def links_apart(self) -> tuple[LinkName, ...]:
        """Links whose proxies need a separate container, because the fault changes the container. Pure."""
        return ()

    def http_links(self) -> tuple[LinkName, ...]:
        """Links that need an HTTP proxy behind their Toxiproxy; only these get one. Pure."""
        return ()

    def attached_problem(self) -> str:
        """Why the fault cannot break a project that gameday did not start; "" if it can. Pure. Such a project
        has no proxies, gameday may not add containers, and another process must be able to undo the fault.
        """
        return "it needs a stack that gameday started"

    def affected_services(self, stack: Stack) -> tuple[str, ...]:
        """The services that the fault breaks: named ones, targets of its links, services of its levers."""
        targets = {str(link): link.target for link in stack.link_names()}  # an unknown link has none
        found = [*self.services(), *(targets[link] for link in self.links() if link in targets)]
        for lever in (stack.levers[name] for name in self.levers() if name in stack.levers):
            call = lever.inject.http or lever.inject.command
            found += [call.service] if call is not None else []
        return tuple(dict.fromkeys(found))

    def stack_problems(self, stack: Stack) -> tuple[tuple[str, str], ...]:
        """What does not fit this stack, apart from unknown names: (parameter, what is wrong and what was
        expected). Pure.
        """
        return ()

    def problems(self, context: ScenarioContext) -> Iterable[Objection]:
        """What cannot work in this scenario, apart from unknown names and ``stack_problems``. Pure.

        Steps that could not be read are stand-ins: use only their instants.
        """
        return ()

    def remarks(self, context: ScenarioContext) -> Iterable[str]:
        """What may happen at the pace of the context, as sentences for ``gameday plan``. Pure."""
        return ()

    def measured_in(self) -> float:
        """Real seconds that one measurement of the effect takes while it holds: a client's time-out if
        nothing answers. By default 0.
        """
        return 0.0

    def undo_delayed_by(self) -> float:
        """Real seconds for which an injection that is still under way may delay the undo. By default 0."""
        return 0.0

    def broken_links(self, stack: Stack) -> tuple[BrokenLink, ...]:
        """The run must see the application use one of these links during the fault; by default none.

        A broken link that the application does not use harms no client, so it would prove nothing. Pure.
        """
        return ()

    def baseline(self, before: Sequence[Measurement]) -> Measurement:
        """The measurement that represents the state before the fault, from ``baselines`` ones. Pure."""
        return before[-1]

    def unfit_baseline(self, before: Measurement) -> str:
        """Why this baseline cannot show an effect, for people; "" if it can. Pure."""
        return ""

    def unmeasured(self, before: Measurement, now: Measurement) -> str:
        """Why ``now`` does not show that the effect is gone; "" if it does. A measurement that got no answer
        shows nothing, unless there was none before the fault either. Pure.
        """
        return "" if self.unfit_baseline(before) else self.unfit_baseline(now)

    def injected_too_late(self, took: str, holds: str) -> str:
        """The message, with its fix, for an injection that took as long as the fault was to hold. Both
        parameters are lengths for people. Pure.
        """
        return f"the injection took {took}, `for` is {holds}: write a longer `for`"

    def exclusive(self, stack: Stack) -> frozenset[str]:
        """What only one fault may change at a time, for people: the undo of one would undo another too.

        The loader refuses two faults that overlap in time and claim the same thing. Pure.
        """
        return frozenset()

    async def inject(self, context: FaultContext) -> None:
        """Inject the fault. The runner registers the undo before this call. Raises ``ToolProblem``."""
        raise NotImplementedError

    async def revert(self, context: FaultContext) -> None:
        """Undo it. Idempotent; correct if ``inject`` did not run, or only in part. Raises ``ToolProblem``: it
        is then called again until its deadline.
        """
        raise NotImplementedError

    async def reverted(self, context: FaultContext) -> bool:
        """Ask the stack: is every part of the fault gone?"""
        raise NotImplementedError

    async def measure(self, context: FaultContext) -> Measurement:
        """Measure the effect itself, once: before injection, while it holds, and after the undo."""
        raise NotImplementedError

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """Does ``now``, compared with ``before``, prove that the fault took effect? Pure."""
        raise NotImplementedError


def services_hit(steps: Iterable[TimelineStep], stack: Stack) -> tuple[str, ...]:
    """The services that the faults among these steps break, each once, in the order of the steps."""
    faults = (step for step in steps if isinstance(step, Fault))
    return tuple(dict.fromkeys(name for fault in faults for name in fault.affected_services(stack)))


class Part(StrEnum):
    """The parts of a recording."""

    JOURNAL = "journal"
    LOAD = "load"
    METRICS = "metrics"
    LEDGER = "ledger"


class Collect(NamedTuple):
    """Evidence that the runner records from the steady state until the teardown.

    Every reading is a sample of the probe ``name``: ``recording.samples(name)``. Names are unique in a run;
    start them with the name of the check. Two checks that need the same evidence under one name share it.
    """

    name: str
    what: Collector


class NoParams(CheckParams):
    """The parameters of a check that takes no expectation."""


P = TypeVar("P", bound=CheckParams)


class Check(ABC, Generic[P]):
    """A check kind. One object of it, named ``CHECK``, is at the end of its module. See docs/checks.md.

    Required: ``name``, ``summary``, ``asks`` and ``answers``, and ``params`` unless it takes no expectation.
    Everything else is optional. Every method is pure. The judge only reads the recording.
    """

    name: ClassVar[str]  # as under ``expect:`` of a scenario; letters, digits, dots, underscores
    summary: ClassVar[str]  # one line for ``gameday kinds`` and the schema: what must hold
    params: type[P] = NoParams  # type: ignore[assignment]  # a default that fits every P cannot be typed

    dimensions: ClassVar[tuple[Dimension, ...]] = ()
    """The dimensions of the score in which it gives marks. They are unknown if the check crashes."""

    reads: ClassVar[tuple[Part, ...]] = tuple(Part)
    """The parts of the recording that it needs. If one is damaged its results are INCONCLUSIVE."""

    order: ClassVar[int] = 0
    """The position of its results; lower comes first. Expectations are at 0, in file order."""

    distance: ClassVar[Distance] = Distance.SYMPTOM
    """How far its results are from the cause; a question may override it."""

    proofs: ClassVar[frozenset[ResultKey]] = frozenset()
    """Results that must PASS before the system can be judged: that it was healthy before, and that the fault
    took effect. If one does not, all results that depend on the fault are INCONCLUSIVE.
    """

    independent: ClassVar[frozenset[ResultKey]] = frozenset()
    """Results that stay valid without a proven fault, because they do not depend on it."""

    failure_stands: ClassVar[bool] = False
    """Is a FAIL valid even if a part of the recording that the check reads is damaged?"""

    unproven: ClassVar[Cap | None] = None
    """The cap of the score while a marked result of this check is unknown."""

    collectors: ClassVar[tuple[type[Collector], ...]] = ()
    """The collector kinds that ``collects`` may ask for. ``gameday kinds NAME`` prints them."""

    excludes_holds: ClassVar[bool] = False
    """Do its limits leave out the time for which the run was on hold? If not, the judge says so."""

    # -- before the run

    def problems(self, params: P, context: ScenarioContext) -> Iterable[Objection]:
        """Problems with an expectation that are known before a run."""
        return ()

    def needs_fault(self, params: P) -> bool:
        """Can only a run with a fault answer it? By default true for checks of containment and recovery."""
        return not {Dimension.CONTAINMENT, Dimension.RECOVERY}.isdisjoint(self.dimensions)

    def judged_unasked(self, plan: Plan) -> bool:
        """Is it judged without an expectation? By default true for every check that takes none."""
        return not self.takes_expectation

    def collects(self, params: P, context: ScenarioContext) -> Iterable[Collect]:
        """Evidence that an expectation needs, in addition to the probes of the steady state."""
        return ()

    def alert_deadlines(self, params: P) -> Iterable[AlertDeadline]:
        """The alerts that an expectation depends on, and when they must fire."""
        return ()

    def wait(self, params: P, pace: float) -> Wait:
        """How long the runner must continue after the last fault. ``pace``: divide production time by it."""
        return Wait()

    def load_patience(self, params: P, context: ScenarioContext) -> float:
        """Real seconds for which a request of the load must wait for its answer, so that an expectation can
        be judged. The load waits that long unless the scenario itself says how long.
        """
        return 0.0

    def limits(self, params: P) -> Iterable[RealLimit]:
        """Limits in real time for an expectation, in addition to those among its parameters."""
        return ()

    def remarks(self, params: P, context: ScenarioContext) -> Iterable[str]:
        """Remarks on an expectation at the pace of the context, for ``gameday plan``."""
        return ()

    def covers(self, params: P, context: ScenarioContext) -> Iterable[Covered]:
        """What an expectation tests, in addition to the faults: the rows of ``gameday coverage``."""
        return ()

    def data_of(self, params: P, stack: Stack) -> Iterable[str]:
        """The services whose data an expectation watches: it measures their RPO."""
        return ()

    # -- after the run

    @abstractmethod
    def asks(self, plan: Plan, params: P) -> Iterable[Asked]:
        """Every question, made with ``self.asked``. No question depends on what happened."""

    @abstractmethod
    def answers(self, recording: Recording, params: P, asked: Sequence[Asked]) -> Iterable[CheckResult]:
        """An answer to each question of ``asks``, by its ``passed``, ``failed`` or ``unknown``.

        Raise ``CannotTell`` where data is missing; nothing passes by default. It makes every answer
        INCONCLUSIVE, or only one if that answer is wrapped in ``Asked.settled``.
        """

    # -- provided

    @property
    def takes_expectation(self) -> bool:
        """May a scenario name it under ``expect:``?"""
        return self.params is not NoParams

    def asked(
        self,
        key: ResultKey,
        title: str,
        expected: str,
        *,
        subject: Subject = RUN,
        dimension: Dimension | None = None,
        distance: Distance | None = None,
    ) -> Asked:
        """A question of this check. ``ValueError`` unless ``key`` begins with the check's name and a dot."""
        if not key.startswith(f"{self.name}."):
            raise ValueError(f"the key {key!r} does not begin with {self.name}.")
        return Asked(
            check=self.name,
            key=key,
            subject=subject,
            title=title,
            expected=expected,
            dimension=dimension,
            distance=self.distance if distance is None else distance,
            unproven=self.unproven,
        )

    def judge(self, recording: Recording, params: P) -> tuple[CheckResult, ...]:
        """Ask and answer. A question without an answer is INCONCLUSIVE."""
        asked = tuple(self.asks(recording.plan, params))
        return settle(asked, lambda: self.answers(recording, params, asked))


AnyCheck = Check[Any]
"""A check with any parameters, as found by name."""
