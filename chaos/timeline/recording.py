"""The recording of one run. Judging and reports read nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import Field

from chaos.model.base import Frozen, Instant
from chaos.model.plan import Plan
from chaos.timeline.clock import RunClock
from chaos.timeline.damage import Damage
from chaos.timeline.event_base import Mono
from chaos.timeline.events import SCHEMA_VERSION, Event, Phase, PhaseBegan, RunStarted, Sample
from chaos.timeline.ledger import LedgerOp, StoreRead
from chaos.timeline.requests import Requests

# The share of the planned requests that a window must contain. Requests without an answer when the load
# stopped are missing in old recordings; without this limit their absence would look like success.
LEAST_LOAD = 0.94


class Unanswered(Frozen):
    """A request that was sent and had no answer when the load was stopped (a line of load.jsonl).

    It is not a ``Request``, because it is unknown how it would have ended. Instants as in ``Request``;
    ``patience`` in seconds.
    """

    intended: Instant
    sent: Instant
    name: str
    waited: float = Field(ge=0, allow_inf_nan=False)  # seconds from ``sent`` to the stop of the load
    intended_mono: Mono
    sent_mono: Mono
    patience: float = Field(allow_inf_nan=False)

    @property
    def latency(self) -> float:
        """How long it took at least, in seconds from the planned instant."""
        return self.sent + self.waited - self.intended


UP = "up"  # 1 or 0 for each scrape of a target
ALERTS = "ALERTS"  # 1 for each evaluation at which an alert was pending or firing
ALERTS_FOR_STATE = "ALERTS_FOR_STATE"  # since when it was active


class Series(Frozen):
    """The samples of one Prometheus series: (instant, value), oldest first. Instants are seconds since the
    epoch in the file, and on the run axis in a ``Recording``.
    """

    metric: str  # its __name__
    labels: dict[str, str]
    samples: tuple[tuple[Instant, float], ...]


class SelectorSeen(Frozen):
    """What one selector of an alert's expression matched during the run.

    ``series``: how many series it matched. ``family_series``: how many series its metric has; None for a
    selector without a metric name. Both are counted up to a limit only, because it matters only whether there
    are any. None with ``detail``: Prometheus did not answer. ``family_labels``: names of their labels.
    """

    selector: str  # as ``str(chaos.model.rules.Selector)``
    family: str
    series: int | None = None
    family_series: int | None = None
    family_labels: tuple[str, ...] | None = None
    detail: str = ""


class TargetSeen(Frozen):
    """One scrape target as Prometheus listed it at the end of the run."""

    labels: dict[str, str]
    health: str  # up, down, unknown
    last_error: str = ""
    scrape_interval: str = ""  # as Prometheus writes it, such as 500ms


class Metrics(Frozen):
    """What gameday read from Prometheus at the end of the run.

    ``complete`` False: it could not be read, so nothing may be judged from it. ``selectors`` and ``targets``
    are None before version 3, and if they could not be read.
    """

    complete: bool = False
    detail: str = ""
    read_from: Instant | None = None  # the requested window; instants as in ``Series``
    read_to: Instant | None = None
    read_from_mono: float | None = None  # the same by the monotonic clock; None before version 3
    read_to_mono: float | None = None
    series: tuple[Series, ...] = ()
    selectors: tuple[SelectorSeen, ...] | None = None
    targets: tuple[TargetSeen, ...] | None = None
    reached: tuple[str, ...] | None = None  # of ``states:`` of stack.yaml; None: not recorded

    def named(self, metric: str) -> Iterator[Series]:
        """The series of one metric, such as ``UP``."""
        return (one for one in self.series if one.metric == metric)


E = TypeVar("E")


@dataclass(frozen=True)
class Recording:
    """One run. ``problems``: what is wrong with a damaged or unfinished folder.

    Instants are on the run axis, whose differences are monotonic. ``clock`` maps other instants onto it, and
    lists when the wall clock was set.
    """

    plan: Plan
    events: tuple[Event, ...]
    requests: Requests = field(default_factory=Requests)
    metrics: Metrics = field(default_factory=Metrics)
    problems: tuple[Damage, ...] = ()
    ledger: tuple[LedgerOp, ...] = ()
    reads: tuple[StoreRead, ...] = ()
    waiting: tuple[Unanswered, ...] = ()
    clock: RunClock = field(default_factory=RunClock)

    @property
    def version(self) -> int:
        """The schema version, which determines what is recorded; the current one if unknown."""
        first = next(self.of(RunStarted), None)
        return first.schema_version if first else SCHEMA_VERSION

    def of(self, kind: type[E]) -> Iterator[E]:
        """The events of one class, in the order of the journal."""
        return (event for event in self.events if isinstance(event, kind))

    @property
    def began(self) -> float:
        """The instant of the first event; 0.0 for an empty journal."""
        first = next(self.of(RunStarted), None)
        return first.at if first else (self.events[0].at if self.events else 0.0)

    @property
    def ended(self) -> float:
        """The instant of the last event; 0.0 for an empty journal."""
        return self.events[-1].at if self.events else 0.0

    @property
    def run_id(self) -> str:
        first = next(self.of(RunStarted), None)
        return first.run_id if first else ""

    def phase_began(self, phase: Phase) -> float | None:
        """When a phase began; None if it did not."""
        return next((event.at for event in self.of(PhaseBegan) if event.phase == phase), None)

    def samples(self, probe: str) -> tuple[Sample, ...]:
        """All readings of one probe."""
        return tuple(sample for sample in self.of(Sample) if sample.probe == probe)
