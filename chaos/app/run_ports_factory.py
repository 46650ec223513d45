"""Builds the ports of a run from its deployment."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from chaos.adapters.deployment import Deployment
from chaos.adapters.factory import AdapterFactory
from chaos.adapters.stack.watchdog import Watchdog
from chaos.app.spikes import LoadSpikes
from chaos.app.stacks.lent_stack import LentStack
from chaos.app.stacks.standing_stacks import Started
from chaos.journal import JournalWriter, RunFolder
from chaos.ledger import Ledgers, StackClient
from chaos.load.process import LoadProcess, TrafficToSend
from chaos.model.plan import Plan
from chaos.model.stack import LoadProfile
from chaos.plan.stored import hiding_of
from chaos.ports import FaultContext, Originals
from chaos.probes.clients import LocalClients, LocalServices
from chaos.probes.machine import read_machine
from chaos.redaction import Hiding
from chaos.runner import ObservedJournal, Observers, RunPorts
from chaos.runner.repeats import TaskRepeater
from chaos.sources import Sources
from chaos.timeline.clock import ClockReading
from chaos.timing import Clock

_VERSIONED = ("gameday-harness", "locust", "httpx")


@dataclass(frozen=True)
class RunPortsFactory:
    """Builds the ports of a run. ``factory`` deploys its stack."""

    factory: AdapterFactory

    @asynccontextmanager
    async def open_run_ports(
        self, plan: Plan, folder: RunFolder, watchdog: Watchdog, observers: Observers, clock: Clock
    ) -> AsyncIterator[RunPorts]:
        """Yields the ports for a run of ``plan``. It writes ``generated/`` and starts nothing."""
        async with self.factory.deploy(plan, folder.path, folder.run_id, watchdog) as deployment:
            with run_ports(plan, folder, watchdog, observers, clock, deployment) as own:
                yield replace(own, cleared=lambda: watchdog.forget_run(folder.run_id))

    @asynccontextmanager
    async def lent_ports(
        self,
        plan: Plan,
        folder: RunFolder,
        watchdog: Watchdog,
        observers: Observers,
        started: Started,
        lent: LentStack,
    ) -> AsyncIterator[RunPorts]:
        """Yields the ports for a run of ``plan`` on a stack that it shares with other runs."""
        clock = started.standing.clock
        async with started.reach(plan, watchdog) as deployment:
            with run_ports(plan, folder, watchdog, observers, clock, deployment) as own:
                yield replace(own, stack=lent, handover=lent)


@contextmanager
def run_ports(
    plan: Plan,
    folder: RunFolder,
    watchdog: Watchdog,
    observers: Observers,
    clock: Clock,
    deployment: Deployment,
) -> Iterator[RunPorts]:
    """The ports of a run, built on its stack's adapters. The journal stays open while they are in use."""
    hide = hiding_of(plan, deployment.secrets)
    with JournalWriter(folder.journal, hide) as journal:
        yield RunPorts(
            folder=folder,
            stack=deployment.stack,
            container_states=deployment.container_states.read_all,
            context=fault_context(plan, folder.path, deployment, watchdog, clock, hide),
            operator=deployment.operator,
            journal=ObservedJournal(journal, observers, hide),
            entries=deployment.entries,
            versions={name: version(name) for name in _VERSIONED} | dict(deployment.versions),
            load=_Load(plan, deployment.entries, watchdog, hide) if plan.scenario.load else None,
            metrics=deployment.metrics,
            progress=observers.progress,
            cleared=lambda: None,
            ledgers=_ledgers(plan, folder, deployment, clock, hide),
            link_use=deployment.link_use.read,
            machine=read_machine,
            hide=hide,
            sources=Sources(
                LocalClients(deployment.entries),
                deployment.metrics,
                deployment.containers,
                LocalServices(deployment.addresses.of_service),
            ),
        )


def fault_context(
    plan: Plan, folder: Path, deployment: Deployment, watchdog: Watchdog, clock: Clock, hide: Hiding
) -> FaultContext:
    """What the faults of one run may touch. ``hide`` removes secrets from what they write."""
    return FaultContext(
        containers=deployment.containers,
        links=deployment.links,
        levers=deployment.levers,
        storage=deployment.storage,
        clock=clock,
        limits=deployment.limits,
        disks=deployment.disks,
        networks=deployment.networks,
        rollout=deployment.rollout,
        traffic=LoadSpikes(
            plan, folder, deployment.entries, watchdog.guard_process, deployment.link_use.read, hide
        ),
        names=deployment.names,
        http=deployment.http,
        redis=deployment.redis,
        postgres=deployment.postgres,
        repeats=TaskRepeater(clock),
        originals=Originals(),
    )


def _ledgers(
    plan: Plan, folder: RunFolder, deployment: Deployment, clock: Clock, hide: Callable[[str], str]
) -> Ledgers | None:
    if not plan.scenario.ledgers:
        return None
    addresses = deployment.addresses
    client = StackClient(addresses.of_link, addresses.of_service, deployment.execute)
    return Ledgers(plan, folder.run_id, folder.ledger, client, clock, hide)


class _Load:
    """The load generator of one run. It knows the entry points and the header of degraded answers."""

    def __init__(self, plan: Plan, entries: Mapping[str, str], watchdog: Watchdog, hide: Hiding) -> None:
        self._plan = plan
        self._entries = entries
        self._watchdog = watchdog
        self._hide = hide
        self._process = LoadProcess()

    async def start(self, profile: LoadProfile, rate: float, out: Path, max_seconds: float) -> None:
        traffic = TrafficToSend(
            profile,
            self._entries[profile.entry.target],
            rate,
            max_seconds,
            degraded_header=self._plan.stack.degraded_header,
            data=self._plan.data_of(profile),
        )
        await self._process.start(traffic, out, self._hide)
        if self._process.pid is not None:
            self._watchdog.guard_process(self._process.pid)

    def first(self) -> ClockReading | None:
        return self._process.first

    async def stop(self) -> int:
        return await self._process.stop()

    def recorded(self) -> int | None:
        return self._process.recorded

    def waiting(self) -> int | None:
        return self._process.waiting

    def left_over(self) -> tuple[str, ...]:
        return (f"load worker {self._process.pid}",) if self._process.running else ()

    def died(self) -> str:
        return self._process.died or ""

    def detail(self) -> str:
        return self._process.detail
