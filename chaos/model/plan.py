"""What a run will do and when, computed before anything is touched.

Real seconds unless a name says otherwise.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SerializeAsAny

from chaos.model.base import Frozen
from chaos.model.noise_floor import NoiseFloor
from chaos.model.procedure import Procedure
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import Scenario, Step
from chaos.model.stack import LoadProfile, Stack
from chaos.redaction import hideable, redact


class Source(Frozen):
    """Where a scenario came from: shown in reports, never used to decide anything."""

    file: str  # as the user named it
    sha256: str
    git_commit: str | None = None


class PlannedStep(Frozen):
    """One fault with its instants in real seconds after the steady state was reached.

    ``end`` of an answered fault is its ``start``: how long the procedure takes is what the run measures.
    """

    index: int = Field(ge=0)
    start: float
    end: float
    step: SerializeAsAny[Step]


class Figure(Frozen):
    """One figure of policy time and what the pace made of it; ``real`` equals ``production`` where it is
    never compressed.
    """

    name: str
    production: float
    real: float
    limit: bool = False  # in real time, and a slow machine may miss it

    @property
    def compressed(self) -> bool:
        return self.real != self.production


ALERT_SLACK = 2.0
"""Real seconds that an alert has at least beyond its bound, whatever the pace.

At a high pace a deadline comes so close to its bound that one late scrape misses it: at pace 60 a margin of
40 s of policy time is 0.67 s. 2 s is the margin that the tightest shipped deadlines have at pace 20.
"""


class Deadline(Frozen):
    """An alert that must fire: its deadline beside the bound below which no deadline can be promised. Real
    seconds.

    ``within`` and ``resolves_within`` leave at least ``ALERT_SLACK`` beyond what the rules themselves take;
    plans of earlier versions hold the scenario's lengths divided by the pace.
    """

    alert: str
    within: float
    bound: float
    step: int  # index of the first fault, from whose injection it counts
    resolves_within: float | None = None

    @property
    def slack(self) -> float:
        return self.within - self.bound


class Remark(Frozen):
    """Something that must be known of a run beforehand, and of what it is: an alert, a step."""

    subject: str
    text: str


class Plan(Frozen):
    """Everything that a judge needs to know besides what happened.

    Stored as plan.json; judging reads nothing else.
    """

    schema_version: int = 1
    scenario: Scenario
    source: Source
    stack: Stack
    stack_root: str  # folder of stack.yaml: used by the runner only
    pace: float = Field(gt=0)
    env: dict[str, dict[str, str]] = {}  # service -> variable -> value, of the scenario and --env
    detection: DetectionFacts | None = None
    steps: tuple[PlannedStep, ...]
    figures: tuple[Figure, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    remarks: tuple[Remark, ...] = ()
    procedures: dict[str, Procedure] = {}  # those that the scenario names, by name
    control: bool = False  # a control run: everything but the faults and the rehearsals
    noise_floor: NoiseFloor | None = None  # what the control run before this one showed; None: there was none
    warm_after: tuple[str, ...] = ()  # ids of the runs before it on the same stack, which it does not start
    timeline_seconds: float  # from the steady state to the end of the last fault
    healthy_for: float = 3.0  # seconds for which the clients must be healthy before the run ends
    relapse_watch: float = 0.0  # seconds for which the run keeps watching after the clients have recovered
    recovery_limit: float  # seconds after the last fault's end at which the runner stops waiting
    estimate_seconds: float  # whole run, set-up apart

    @property
    def load_profile(self) -> LoadProfile | None:
        """The load of the run with the time-out that holds in it; None for a scenario without load."""
        load = self.scenario.load
        if load is None:
            return None
        profile = self.stack.load[load.profile]
        if load.timeout is None:
            return profile
        return profile.model_copy(update={"timeout": load.timeout})

    def data_of(self, profile: LoadProfile) -> Path | None:
        """The file with the values that the requests of a load profile are filled with; None: it has none."""
        return Path(self.stack_root) / profile.data if profile.data else None

    def deadline(self, alert: str) -> Deadline | None:
        """The deadline of an alert that must fire."""
        return next((one for one in self.deadlines if one.alert == alert), None)

    @property
    def given_secrets(self) -> tuple[str, ...]:
        """Values of ``env`` that stack.yaml wants redacted, the longest first."""
        names = set(self.stack.redact)
        return hideable(v for given in self.env.values() for name, v in given.items() if name in names)

    @property
    def changes(self) -> tuple[str, ...]:
        """What differs from the scenario file: ``service.NAME=value`` each by ``--env``, secrets hidden, and
        that a control run leaves the faults out, and that the stack was warm.
        """
        own = set(self.scenario.env.items())
        changed = [
            f"{service}.{name}={value}"
            for service, variables in sorted(self.env.items())
            for name, value in sorted(variables.items())
            if (f"{service}.{name}", value) not in own and (name, value) not in own
        ]
        left_out = ("no faults: a control run",) if self.control else ()
        warm = ("a warm stack",) if self.warm_after else ()
        return (*left_out, *warm, *(redact(one, self.given_secrets) for one in changed))
