"""The ports of a run, in addition to those of the fault kinds (``chaos.ports``).

``chaos.app`` connects adapters to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chaos.journal import RunFolder
from chaos.model.alert_states import ActiveAlert
from chaos.model.plan import Plan
from chaos.model.stack import HttpCall, LoadProfile
from chaos.ports import FaultContext, LeverAnswer
from chaos.probes.containers import ReadAll
from chaos.probes.links import ReadLinks
from chaos.probes.machine import ReadMachine
from chaos.runner.control import RunControl
from chaos.runner.progress import Progress
from chaos.sources import Sources
from chaos.timeline.clock import ClockReading
from chaos.timeline.events import Event
from chaos.timeline.ledger import StoreRead
from chaos.timeline.observations import RuleGroupState, WriterCounts
from chaos.timeline.recording import Metrics, SelectorSeen, TargetSeen


class Leftovers(Protocol):
    """What still has the run's label, by kind."""

    @property
    def containers(self) -> tuple[str, ...]: ...
    @property
    def networks(self) -> tuple[str, ...]: ...
    @property
    def volumes(self) -> tuple[str, ...]: ...


class StackPort(Protocol):
    """The system under test of one run."""

    async def up(self, deadline: float) -> None:
        """Start it and wait for its health checks. Raises ``StackProblem`` that explains itself."""
        ...

    async def down(self) -> object:
        """Remove everything of the run. Idempotent; also correct if ``up`` was interrupted."""
        ...

    async def left_over(self) -> Leftovers: ...
    async def discard_offsite(self) -> str:
        """Delete the off-site storage, when nothing of the run is left. Returns why it remains, or ""."""
        ...

    async def logs(self, folder: Path) -> None: ...
    def own_services(self) -> tuple[str, ...]:
        """Services that gameday itself put into the stack: its proxies."""
        ...


class HandoverPort(Protocol):
    """A stack that the next run may use, if this one leaves it as it was."""

    def forgotten_at(self) -> float:
        """The monotonic instant from which no alert rule sees data of the run before; long past if there was
        none.
        """
        ...

    async def differences(self) -> tuple[str, ...]:
        """How its containers and proxies differ from before this run. Raises ``ToolProblem`` if it cannot
        read them.
        """
        ...

    def leave(self, at: float, differences: Sequence[str]) -> bool:
        """Record how the run leaves it ``at`` this instant (monotonic). True: it stays for the next run.
        False: remove it, because of a difference or because no run follows.
        """
        ...


class LoadPort(Protocol):
    """The load generator, a process of its own."""

    async def start(self, profile: LoadProfile, rate: float, out: Path, max_seconds: float) -> None:
        """Returns when the first requests were sent."""
        ...

    def first(self) -> ClockReading | None:
        """Both clocks at the start of its schedule; None if it did not report them."""
        ...

    async def stop(self) -> int:
        """Requests sent; idempotent."""
        ...

    def recorded(self) -> int | None:
        """After the stop: requests with a line in load.jsonl; None if it died before reporting."""
        ...

    def waiting(self) -> int | None:
        """After the stop: requests still without an answer; None if it died before reporting."""
        ...

    def left_over(self) -> tuple[str, ...]:
        """Its processes that still exist."""
        ...

    def died(self) -> str:
        """Why it ended unexpectedly, or "" while it runs."""
        ...

    def detail(self) -> str:
        """How it ended, "" for an orderly stop with every request answered."""
        ...


class LedgerPort(Protocol):
    """The writers of every ledger in the scenario, and the final read of its stores."""

    async def start(self) -> tuple[WriterCounts, ...]:
        """Write beside the phases until ``stop``, recording each call before and after it.

        Returns the rate of each.
        """
        ...

    async def stop(self, at_once: bool = False) -> tuple[WriterCounts, ...]:
        """Wait until no call is in progress; ``at_once``: interrupt those that are. Idempotent and bounded.

        Returns what was planned and left out; nothing if they never started or were stopped before.
        """
        ...

    async def read_back(self) -> tuple[StoreRead, ...]:
        """Read every store until they agree or their time is over. ``complete`` reports a failure."""
        ...

    def died(self) -> str:
        """Why they ended unexpectedly, or "" while they write and after a ``stop``."""
        ...


class MetricsPort(Protocol):
    """The monitoring of the stack."""

    async def values(self, query: str) -> tuple[float, ...]:
        """Values of all samples of an instant query, the one value of a scalar; empty: no sample.

        Raises ``ToolProblem`` when it does not answer, or with an error.
        """
        ...

    async def active_alerts(self) -> tuple[ActiveAlert, ...]:
        """The active alerts, sorted.

        Raises ``ToolProblem`` when it does not answer, or with an error.
        """
        ...

    async def history(self, plan: Plan, start: float, end: float) -> Metrics:
        """Raw samples of ALERTS, ALERTS_FOR_STATE, ``up`` and the breakers between two wall-clock instants.

        An answer that is missing or cannot be read is in ``complete`` and ``detail``, never raised.
        """
        ...

    async def rule_groups(self) -> tuple[RuleGroupState, ...]:
        """Its own counters of how often it evaluated each rule group. Raises ``ToolProblem``."""
        ...

    async def selectors(self, plan: Plan, start: float, end: float) -> tuple[SelectorSeen, ...]:
        """How many series each selector of each alert matched between two wall-clock instants. Failures are
        in the result and never raised.
        """
        ...

    async def targets(self) -> tuple[TargetSeen, ...]:
        """Its scrape targets with their labels. Raises ``ToolProblem``."""
        ...


class CommandResult(Protocol):
    """How a command ended: ``code`` None when it was killed at its deadline."""

    @property
    def code(self) -> int | None: ...
    @property
    def output(self) -> str:
        """The end of what it printed, both streams."""
        ...


class OperatorPort(Protocol):
    """What procedures can do with the stack of this run."""

    async def run(self, argv: Sequence[str], timeout: float) -> CommandResult:
        """Run one command of a procedure; kill it with all that it started after ``timeout`` real
        seconds, or when the caller is cancelled. Raises ``BadInput`` for any other command.
        """
        ...

    async def ask(self, question: HttpCall) -> LeverAnswer:
        """Does a request get the expected answer? Never raises for a missing answer."""
        ...


class EventSink(Protocol):
    def write(self, event: Event) -> None: ...


@dataclass(frozen=True)
class RunPorts:
    """Everything that a run needs."""

    folder: RunFolder
    stack: StackPort
    container_states: ReadAll
    context: FaultContext
    journal: EventSink
    entries: Mapping[str, str]  # service -> URL on 127.0.0.1 at which clients reach it, through its proxy
    versions: Mapping[str, str]  # of everything involved: engine, Compose, Toxiproxy, images, gameday
    load: LoadPort | None
    metrics: MetricsPort | None
    progress: Callable[[Progress], None]
    cleared: Callable[[], None]  # tells the watchdog that nothing is left to guard
    sources: Sources  # the sources of the checks' collectors
    operator: OperatorPort | None = None  # of a scenario that names procedures
    ledgers: LedgerPort | None = None  # of a scenario that asks for writers
    link_use: ReadLinks | None = None  # the counters of the links' proxies
    machine: ReadMachine | None = None  # the counters of this machine
    handover: HandoverPort | None = None  # of a run that shares its stack with other runs
    control: RunControl | None = None  # of a caller that wants to steer the run
    hide: Callable[[str], str] = lambda text: text  # removes secrets, as in plan.json
