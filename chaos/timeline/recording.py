"""The recording of one run: all that a judge and a report may read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from chaos.model.base import Frozen
from chaos.model.plan import Plan
from chaos.timeline.events import Event, PhaseBegan, RunStarted, Sample
from chaos.timeline.ledger import LedgerOp, StoreRead

# Share of the planned requests, at their constant rate, that a window must hold; those that nobody answered
# before the load was stopped are not in the recording, and must not make it look well.
LEAST_LOAD = 0.94


class Request(Frozen):
    """One request of the load (a line of load.jsonl).

    ``latency`` counts from the intended instant: open loop.
    """

    intended: float  # wall clock, when the schedule wanted it sent
    sent: float  # wall clock, when it really was
    latency: float  # seconds from ``intended`` to the complete answer, or to the error
    name: str  # METHOD /path, without the filled-in values
    status: int  # 0: no answer
    served: bool  # the status counts as served
    degraded: str | None = None  # value of the stack's degraded header
    error: str = ""  # refused, reset, timeout, closed: why there was no answer; overload: never sent

    @property
    def finished(self) -> float:
        return self.intended + self.latency


class Series(Frozen):
    """Raw samples of one Prometheus series: (wall-clock seconds, value), oldest first."""

    metric: str  # its __name__
    labels: dict[str, str]
    samples: tuple[tuple[float, float], ...]


class Metrics(Frozen):
    """Read back from Prometheus at the end of the run.

    ``complete`` False: it could not be read; judge nothing from it.
    """

    complete: bool = False
    detail: str = ""
    read_from: float | None = None  # wall-clock window that was asked for
    read_to: float | None = None
    series: tuple[Series, ...] = ()


E = TypeVar("E")


@dataclass(frozen=True)
class Recording:
    """One run. ``problems`` lists what could not be read of a damaged or unfinished folder."""

    plan: Plan
    events: tuple[Event, ...]
    requests: tuple[Request, ...] = ()
    metrics: Metrics = field(default_factory=Metrics)
    problems: tuple[str, ...] = field(default=())
    ledger: tuple[LedgerOp, ...] = ()
    reads: tuple[StoreRead, ...] = ()

    def of(self, kind: type[E]) -> Iterator[E]:
        """The events of one class, in the order in which they happened."""
        return (event for event in self.events if isinstance(event, kind))

    @property
    def began(self) -> float:
        """Wall clock of the run's first event; 0.0 for an empty journal."""
        first = next(self.of(RunStarted), None)
        return first.at if first else (self.events[0].at if self.events else 0.0)

    @property
    def ended(self) -> float:
        """Wall clock of the last event."""
        return self.events[-1].at if self.events else 0.0

    @property
    def run_id(self) -> str:
        first = next(self.of(RunStarted), None)
        return first.run_id if first else ""

    def phase_began(self, phase: str) -> float | None:
        """Wall clock at which a phase began, None if it never did."""
        return next((event.at for event in self.of(PhaseBegan) if event.phase == phase), None)

    def samples(self, probe: str) -> tuple[Sample, ...]:
        """All readings of one probe."""
        return tuple(sample for sample in self.of(Sample) if sample.probe == probe)
