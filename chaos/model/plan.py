"""What a run will do and when, computed before the run starts anything.

Real seconds unless a name says otherwise.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import Field, SerializeAsAny

from chaos.model.base import FolderName, Frozen
from chaos.model.noise_floor import NoiseFloor
from chaos.model.procedure import Procedure
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import Scenario, TimelineStep
from chaos.model.stack import LoadProfile, Stack
from chaos.redaction import hideable, redact

WARM = "a warm stack"  # among a run's changes: an earlier run has used the stack


class ScenarioSource(Frozen):
    """Where a scenario came from. Reports show it; no decision depends on it."""

    file: str  # as the user named it
    sha256: str
    git_commit: str | None = None


class PlannedStep(Frozen):
    """One fault with its instants, in real seconds after the steady state was reached.

    ``end`` of a fault with ``answer:`` equals ``start``: the run measures how long the procedure takes.
    """

    index: int = Field(ge=0)
    start: float
    end: float
    step: SerializeAsAny[TimelineStep]


class PlannedDuration(Frozen):
    """One length in production and in real seconds. They are equal if the pace does not compress it."""

    name: str
    production: float
    real: float
    limit: bool = False  # a limit in real time that a slow machine may miss

    @property
    def compressed(self) -> bool:
        return self.real != self.production


ALERT_SLACK = 2.0
"""The least real seconds between the bound of an alert and its deadline, at any pace.

At a high pace the margin would be so small that one late scrape misses the deadline: at pace 60, 40 s of
production time are 0.67 s. The tightest deadlines that gameday ships have a margin of 2 s at pace 20.
"""


class PlannedDeadline(Frozen):
    """The deadline of an alert that must fire, in real seconds. ``bound``: the longest time that the rules
    need; no deadline below it can be met.

    ``within`` and ``resolves_within`` are at least ``ALERT_SLACK`` longer than the rules need. In plans of
    earlier versions they are the lengths of the scenario divided by the pace.
    """

    alert: str
    within: float
    bound: float
    step: int  # index of the first fault, from whose injection it counts
    resolves_within: float | None = None
    labels: dict[str, str] | None = None  # those that it must have; None: any, also in earlier plans

    @property
    def slack(self) -> float:
        return self.within - self.bound


class Remark(Frozen):
    """Something to know before a run. ``subject``: what it is about, such as an alert or a step."""

    subject: str
    text: str


class Plan(Frozen):
    """Everything that judging needs besides the recorded events and data.

    Stored as plan.json. Judging never reads the scenario or the stack files again.
    """

    schema_version: int = 1
    scenario: Scenario
    source: ScenarioSource
    stack: Stack
    stack_root: str  # folder of stack.yaml; only the runner uses it
    pace: float = Field(gt=0)
    env: dict[str, dict[str, str]] = {}  # service -> variable -> value, of the scenario and --env
    detection: DetectionFacts | None = None
    steps: tuple[PlannedStep, ...]
    figures: tuple[PlannedDuration, ...] = ()
    deadlines: tuple[PlannedDeadline, ...] = ()
    remarks: tuple[Remark, ...] = ()
    procedures: dict[str, Procedure] = {}  # those that the scenario names, by name
    control: bool = False  # a control run: without the faults and the rehearsals
    noise_floor: NoiseFloor | None = None  # from the control run before this one; None: there was none
    # Folder name of a run of this command that the machine was too busy to judge; this run replaces it.
    rerun_of: FolderName = Field(default="", exclude_if=operator.not_)
    warm_after: tuple[str, ...] = ()  # ids of the earlier runs on the same stack, if it was not started anew
    timeline_seconds: float  # from the steady state to the end of the last fault
    healthy_for: float = 3.0  # seconds for which the clients must be healthy before the run ends
    relapse_watch: float = 0.0  # seconds for which the run keeps watching after the clients have recovered
    recovery_limit: float  # seconds after the end of the last fault for which the run waits for recovery
    estimate_seconds: float  # of the whole run without set-up

    @property
    def load_profile(self) -> LoadProfile | None:
        """The load profile of the run, with the time-out of the scenario if it has one; None without load."""
        load = self.scenario.load
        if load is None:
            return None
        profile = self.stack.load[load.profile]
        if load.timeout is None:
            return profile
        return profile.model_copy(update={"timeout": load.timeout})

    @property
    def first_injection(self) -> float:
        """Real seconds from the steady state to the first fault; 0 without one."""
        return min((one.start for one in self.steps), default=0.0)

    def data_of(self, profile: LoadProfile) -> Path | None:
        """The CSV file with the values for the requests of a load profile; None without one."""
        return Path(self.stack_root) / profile.data if profile.data else None

    def fires_within(self, alert: str, within: float, labels: Mapping[str, str] | None = None) -> float:
        """Real seconds that an expectation gives ``alert``. ``within``: production seconds, as it says.

        A plan gives an alert no less time than promised, and as much as its rules need. So of several
        expectations of one alert, each has the shortest planned time that is not below its own promise.
        """
        return _planned((one.within for one in self._deadlines(alert, labels)), within / self.pace)

    def resolves_within(self, alert: str, within: float, labels: Mapping[str, str] | None = None) -> float:
        """Real seconds after the last fault in which ``alert`` must resolve, as ``fires_within``. Plans of
        earlier versions do not have them.
        """
        planned = (one.resolves_within for one in self._deadlines(alert, labels))
        return _planned((seconds for seconds in planned if seconds is not None), within / self.pace)

    def _deadlines(self, alert: str, labels: Mapping[str, str] | None) -> list[PlannedDeadline]:
        """Those of the expectations of ``alert`` with these labels; else all of ``alert``."""
        named = [one for one in self.deadlines if one.alert == alert]
        return [one for one in named if one.labels == labels] or named

    @property
    def given_secrets(self) -> tuple[str, ...]:
        """The values of ``env`` whose variables ``redact:`` of stack.yaml lists, the longest first."""
        names = set(self.stack.redact)
        return hideable(v for given in self.env.values() for name, v in given.items() if name in names)

    @property
    def changes(self) -> tuple[str, ...]:
        """How the run differs from the scenario file, for people: a control run, a warm stack, and one
        ``service.NAME=value`` per ``--env`` with secrets hidden.
        """
        own = set(self.scenario.env.items())
        changed = [
            f"{service}.{name}={value}"
            for service, variables in sorted(self.env.items())
            for name, value in sorted(variables.items())
            if (f"{service}.{name}", value) not in own and (name, value) not in own
        ]
        left_out = ("no faults: a control run",) if self.control else ()
        warm = (WARM,) if self.warm_after else ()
        return (*left_out, *warm, *(redact(one, self.given_secrets) for one in changed))


def _planned(planned: Iterable[float], promised: float) -> float:
    return min((seconds for seconds in planned if seconds >= promised), default=promised)
