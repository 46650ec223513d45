"""The recording of one run: all that a judge and a report may read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import Field

from chaos.model.base import Frozen
from chaos.model.plan import Plan
from chaos.timeline.clock import RunClock
from chaos.timeline.events import SCHEMA_VERSION, Event, PhaseBegan, RunStarted, Sample
from chaos.timeline.ledger import LedgerOp, StoreRead
from chaos.timeline.requests import Requests

# Share of the planned requests, at their constant rate, that a window must hold; those that were not answered
# before the load was stopped are not in the recording, and must not make it look well.
LEAST_LOAD = 0.94


class Unanswered(Frozen):
    """A request that was sent and still had no answer when the load was stopped (a line of load.jsonl).

    Kept apart from ``Request``: how it would have ended is unknown.
    """

    intended: float
    sent: float
    name: str
    waited: float = Field(ge=0, allow_inf_nan=False)  # seconds from ``sent`` to the stop of the load
    intended_mono: float
    sent_mono: float
    patience: float


class Series(Frozen):
    """Raw samples of one Prometheus series: (wall-clock seconds, value), oldest first."""

    metric: str  # its __name__
    labels: dict[str, str]
    samples: tuple[tuple[float, float], ...]


class SelectorSeen(Frozen):
    """What one selector of an alert's expression found between the run's beginning and its end.

    ``series``: how many series it matched; ``family_series``: how many the metric of that name has, None for
    a selector without one. Counts stop at some bound: what matters is whether there is any. None with
    ``detail``: it could not be asked. ``family_labels``: the names of the labels that those series have.
    """

    selector: str  # as ``str(chaos.model.rules.Selector)``
    family: str
    series: int | None = None
    family_series: int | None = None
    family_labels: tuple[str, ...] | None = None
    detail: str = ""


class TargetSeen(Frozen):
    """One scrape target as Prometheus knew it in the end."""

    labels: dict[str, str]
    health: str  # up, down, unknown
    last_error: str = ""
    scrape_interval: str = ""  # as Prometheus writes it, such as 500ms


class Metrics(Frozen):
    """Read back from Prometheus at the end of the run.

    ``complete`` False: it could not be read; judge nothing from it. ``selectors`` and ``targets`` are None
    before version 3 and where they could not be read.
    """

    complete: bool = False
    detail: str = ""
    read_from: float | None = None  # wall-clock window that was asked for
    read_to: float | None = None
    read_from_mono: float | None = None  # the same by the monotonic clock; None before version 3
    read_to_mono: float | None = None
    series: tuple[Series, ...] = ()
    selectors: tuple[SelectorSeen, ...] | None = None
    targets: tuple[TargetSeen, ...] | None = None
    reached: tuple[str, ...] | None = None  # of ``states:`` of stack.yaml; None: not recorded


E = TypeVar("E")


@dataclass(frozen=True)
class Recording:
    """One run. ``problems`` lists what could not be read of a damaged or unfinished folder.

    Instants are on the run axis, whose differences are monotonic; ``clock`` maps others onto it and says
    where the wall clock was set.
    """

    plan: Plan
    events: tuple[Event, ...]
    requests: Requests = field(default_factory=Requests)
    metrics: Metrics = field(default_factory=Metrics)
    problems: tuple[str, ...] = field(default=())
    ledger: tuple[LedgerOp, ...] = ()
    reads: tuple[StoreRead, ...] = ()
    waiting: tuple[Unanswered, ...] = ()
    clock: RunClock = field(default_factory=RunClock)

    @property
    def version(self) -> int:
        """The schema version, which decides what the recording can say; the current one if unknown."""
        first = next(self.of(RunStarted), None)
        return first.schema_version if first else SCHEMA_VERSION

    def of(self, kind: type[E]) -> Iterator[E]:
        """The events of one class, in the order in which they happened."""
        return (event for event in self.events if isinstance(event, kind))

    @property
    def began(self) -> float:
        """The run's first event; 0.0 for an empty journal."""
        first = next(self.of(RunStarted), None)
        return first.at if first else (self.events[0].at if self.events else 0.0)

    @property
    def ended(self) -> float:
        """The last event."""
        return self.events[-1].at if self.events else 0.0

    @property
    def run_id(self) -> str:
        first = next(self.of(RunStarted), None)
        return first.run_id if first else ""

    def phase_began(self, phase: str) -> float | None:
        """When a phase began, None if it never did."""
        return next((event.at for event in self.of(PhaseBegan) if event.phase == phase), None)

    def samples(self, probe: str) -> tuple[Sample, ...]:
        """All readings of one probe."""
        return tuple(sample for sample in self.of(Sample) if sample.probe == probe)
