"""Adapters built and fitted to the ports of a run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path

from chaos.adapters.container_states import ContainerStates
from chaos.adapters.containers import DockerContainers
from chaos.adapters.levers import StackLevers
from chaos.adapters.link_use import CountedLink, LinkUseReader
from chaos.adapters.links import LinkEndpoint, ToxiproxyLinks
from chaos.adapters.prometheus import PrometheusReader
from chaos.adapters.stack.engine import connect
from chaos.adapters.stack.operator import StackOperator
from chaos.adapters.stack.runtime import StackRuntime
from chaos.adapters.stack.watchdog import Watchdog
from chaos.adapters.storage import DockerStorage
from chaos.journal import JournalWriter, RunFolder
from chaos.ledger import Ledgers, StackClient
from chaos.load.process import LoadProcess
from chaos.model.plan import Plan
from chaos.model.stack import CLIENTS, LinkName, LoadProfile, Role
from chaos.ports import Bench, Sources
from chaos.probes.clients import LocalClients
from chaos.redaction import redact
from chaos.runner import Needs, ObservedJournal, Observers
from chaos.timeline.clock import ClockReading
from chaos.timing import Clock

ENGINE_SECONDS = 5.0  # an engine that is well answers a ping in milliseconds
_LEDGER_THREADS = 8  # commands of writers that may hang at once: they wait apart from the undoing of faults
_VERSIONED = ("gameday-harness", "locust", "docker", "httpx", "toxiproxy-python")


@asynccontextmanager
async def run_needs(
    plan: Plan, folder: RunFolder, watchdog: Watchdog, observers: Observers, clock: Clock
) -> AsyncIterator[Needs]:
    """Everything that a run of ``plan`` is handed. Writes ``generated/``; starts nothing."""
    runtime = StackRuntime(plan, folder.path, folder.run_id, on_process=watchdog.guard_process)
    watchdog.guard_run(folder.run_id)
    await runtime.prepare()
    engine = runtime.client
    containers = DockerContainers(folder.run_id, engine)

    def address(service: str, port: int | None) -> str:
        return _url(runtime.address(service, port))

    links = _links(plan, runtime)
    bench = Bench(
        containers=containers,
        links=links,
        levers=StackLevers(plan.stack.levers, address, containers.execute),
        storage=DockerStorage(folder.run_id, engine),
        clock=clock,
    )
    entries = {
        link.target: _url(runtime.link_address(link))
        for link in plan.stack.link_names()
        if link.client == CLIENTS
    }
    versions = {name: version(name) for name in _VERSIONED} | await runtime.versions()
    hide = partial(redact, secrets=runtime.prepared.secrets)
    with JournalWriter(folder.journal, hide) as journal, ThreadPoolExecutor(_LEDGER_THREADS) as threads:
        ledgers = None
        if plan.scenario.ledgers:
            execute = DockerContainers(folder.run_id, engine, threads=threads).execute
            client = StackClient(lambda link: _url(runtime.link_address(link)), address, execute)
            ledgers = Ledgers(plan, folder.run_id, folder.ledger, client, clock, hide)
        async with _metrics(plan, runtime) as metrics, _link_use(plan, runtime, links) as link_use:
            yield Needs(
                folder=folder,
                stack=runtime,
                container_states=ContainerStates(folder.run_id, engine).read_all,
                bench=bench,
                operator=StackOperator(runtime, plan.scenario.profiles, address, watchdog.guard_process),
                journal=ObservedJournal(journal, observers, hide),
                entries=entries,
                versions=versions,
                load=_Load(plan, entries, watchdog) if plan.scenario.load else None,
                metrics=metrics,
                progress=observers.progress,
                cleared=lambda: watchdog.forget_run(folder.run_id),
                ledgers=ledgers,
                link_use=link_use.read,
                sources=Sources(LocalClients(entries), metrics, containers),
            )


async def check_engine() -> None:
    """Raises ``EnvironmentProblem`` before anything is created, if no engine answers within
    ``ENGINE_SECONDS`` or it is a remote one.
    """
    (await asyncio.to_thread(connect, ENGINE_SECONDS)).close()


@asynccontextmanager
async def _metrics(plan: Plan, runtime: StackRuntime) -> AsyncIterator[PrometheusReader | None]:
    facts = plan.stack.prometheus
    if facts is None:
        yield None
        return
    async with PrometheusReader(_url(runtime.address(facts.service, facts.port))) as reader:
        yield reader


@asynccontextmanager
async def _link_use(plan: Plan, runtime: StackRuntime, links: ToxiproxyLinks) -> AsyncIterator[LinkUseReader]:
    counted = {
        link: CountedLink(
            runtime.toxiproxy_api(link),
            str(link),
            partial(links.own_use, link),
            partial(runtime.proxy_process, link),
        )
        for link in plan.stack.link_names()
    }
    reader = LinkUseReader(counted)
    try:
        yield reader
    finally:
        await reader.close()


def _links(plan: Plan, runtime: StackRuntime) -> ToxiproxyLinks:
    endpoints: dict[LinkName, LinkEndpoint] = {}
    for link in plan.stack.link_names():
        host, port = runtime.link_address(link)
        role = plan.stack.services[link.target].role
        endpoints[link] = LinkEndpoint(runtime.toxiproxy_api(link), host, port, role or Role.OTHER, str(link))

    return ToxiproxyLinks(endpoints, runtime.restart_proxy)


class _Load:
    """The load of one run, told once where clients enter and what its answers look like."""

    def __init__(self, plan: Plan, entries: Mapping[str, str], watchdog: Watchdog) -> None:
        self._plan = plan
        self._entries = entries
        self._watchdog = watchdog
        self._process = LoadProcess()

    async def start(self, profile: LoadProfile, rate: float, out: Path, max_seconds: float) -> None:
        await self._process.start(
            profile,
            self._entries[profile.entry.target],
            rate,
            out,
            max_seconds=max_seconds,
            degraded_header=self._plan.stack.degraded_header,
            data=Path(self._plan.stack_root) / profile.data if profile.data else None,
        )
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


def _url(address: tuple[str, int]) -> str:
    host, port = address
    return f"http://{host}:{port}"
