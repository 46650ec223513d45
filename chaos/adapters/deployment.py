"""The system under test of one run, prepared from a plan, with the adapters that reach it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version

from chaos.adapters.container_states import ContainerStates
from chaos.adapters.containers import DockerContainers
from chaos.adapters.disks import ContainerDisks
from chaos.adapters.http_proxies import HaproxyHttpProxies
from chaos.adapters.levers import StackLevers
from chaos.adapters.limits import DockerLimits
from chaos.adapters.link_use import CountedLink, LinkUseReader
from chaos.adapters.links import LinkEndpoint, ToxiproxyLinks
from chaos.adapters.names import DockerNames
from chaos.adapters.networks import DockerNetworks
from chaos.adapters.prometheus import PrometheusReader
from chaos.adapters.psql import ContainerPostgres
from chaos.adapters.redis_cli import ContainerRedis
from chaos.adapters.stack.operator import StackOperator
from chaos.adapters.stack.rollout import ComposeRollout
from chaos.adapters.stack.runtime import StackRuntime
from chaos.adapters.stack.watchdog import Watchdog
from chaos.adapters.storage import DockerStorage
from chaos.cancellation import uninterrupted
from chaos.model.plan import Plan
from chaos.model.stack import CLIENTS, LinkName, ServiceRole
from chaos.ports import Execute

_LIBRARIES = ("docker", "toxiproxy-python")
WRITER_THREADS = 8  # writers' commands that may hang at once; they do not block the threads that undo faults


@dataclass(frozen=True)
class Addresses:
    """Where the run reaches its stack: base URLs such as ``http://127.0.0.1:32768``."""

    runtime: StackRuntime

    def of_service(self, service: str, port: int | None = None) -> str:
        """A port of a service, without a proxy if possible. ``port`` None: the port of the first link to it.
        Raises ``ToolProblem`` if it is not published.
        """
        return _url(*self.runtime.address(service, port))

    def of_link(self, link: LinkName) -> str:
        """Where the proxy of a link listens."""
        return _url(*self.runtime.link_address(link))

    def of_proxy_api(self, link: LinkName) -> str:
        """The API of the Toxiproxy that carries a link."""
        return self.runtime.toxiproxy_api(link)


@dataclass(frozen=True)
class Deployment:
    """Everything about the stack of one run. Nothing starts before ``stack.up``.

    ``entries``: service -> URL at which clients reach it, through its proxy. ``execute`` runs the commands of
    writers, whose threads are their own. ``secrets``: values that no text of the run may show.
    """

    stack: StackRuntime
    addresses: Addresses
    containers: DockerContainers
    container_states: ContainerStates
    links: ToxiproxyLinks
    link_use: LinkUseReader
    levers: StackLevers
    storage: DockerStorage
    limits: DockerLimits
    disks: ContainerDisks
    networks: DockerNetworks
    rollout: ComposeRollout
    names: DockerNames
    http: HaproxyHttpProxies
    redis: ContainerRedis
    postgres: ContainerPostgres
    operator: StackOperator
    metrics: PrometheusReader | None
    execute: Execute
    entries: Mapping[str, str]
    versions: Mapping[str, str]
    secrets: tuple[str, ...] = field(repr=False)

    async def close(self) -> None:
        """Close the connections of the readers. Idempotent; ``stack.down`` removes the stack itself."""
        if self.metrics is not None:
            await self.metrics.close()
        await self.link_use.close()


async def deployment_of(
    runtime: StackRuntime, plan: Plan, run_id: str, watchdog: Watchdog, threads: ThreadPoolExecutor
) -> Deployment:
    """The adapters for a prepared stack, which may already run. ``run_id``: the one in its labels. The caller
    closes the result.
    """
    prepared, client = runtime.prepared, runtime.client
    addresses = Addresses(runtime)
    containers = DockerContainers(run_id, client)
    links = _links(plan, runtime, addresses)
    return Deployment(
        stack=runtime,
        addresses=addresses,
        containers=containers,
        container_states=ContainerStates(run_id, client),
        links=links,
        link_use=_link_use(plan, runtime, links),
        levers=StackLevers(plan.stack.levers, addresses.of_service, containers.execute),
        storage=DockerStorage(run_id, client),
        limits=DockerLimits(containers, client),
        disks=ContainerDisks(containers.execute),
        networks=DockerNetworks(containers, client),
        rollout=ComposeRollout(runtime, containers, plan.scenario.profiles, watchdog.guard_process),
        names=DockerNames(containers, client, runtime.named_proxy),
        http=HaproxyHttpProxies(runtime.http_interface, links.dialled),
        redis=ContainerRedis(containers.execute),
        postgres=ContainerPostgres(containers.execute, containers.launch),
        operator=StackOperator(runtime, plan.scenario.profiles, addresses.of_service, watchdog.guard_process),
        metrics=_metrics(plan, addresses),
        execute=DockerContainers(run_id, client, threads=threads).execute,
        entries={
            link.target: addresses.of_link(link) for link in plan.stack.link_names() if link.client == CLIENTS
        },
        versions={name: version(name) for name in _LIBRARIES} | await runtime.versions(),
        secrets=prepared.secrets,
    )


@asynccontextmanager
async def writer_threads() -> AsyncIterator[ThreadPoolExecutor]:
    """Threads for the commands of writers; all have ended afterwards. The event loop goes on meanwhile."""
    threads = ThreadPoolExecutor(WRITER_THREADS, "writer")
    try:
        yield threads
    finally:
        await uninterrupted(asyncio.to_thread(threads.shutdown))


def _links(plan: Plan, runtime: StackRuntime, addresses: Addresses) -> ToxiproxyLinks:
    endpoints: dict[LinkName, LinkEndpoint] = {}
    for link in plan.stack.link_names():
        host, port = runtime.link_address(link)
        role = plan.stack.services[link.target].role or ServiceRole.OTHER
        further = runtime.prepared.topology.further_ports(link)
        endpoints[link] = LinkEndpoint(addresses.of_proxy_api(link), host, port, role, str(link), further)
    return ToxiproxyLinks(endpoints, runtime.restart_proxy)


def _link_use(plan: Plan, runtime: StackRuntime, links: ToxiproxyLinks) -> LinkUseReader:
    return LinkUseReader(
        {
            link: CountedLink(
                runtime.toxiproxy_api(link),
                str(link),
                partial(links.own_use, link),
                partial(runtime.proxy_process, link),
            )
            for link in plan.stack.link_names()
        }
    )


def _metrics(plan: Plan, addresses: Addresses) -> PrometheusReader | None:
    facts = plan.stack.prometheus
    return PrometheusReader(addresses.of_service(facts.service, facts.port)) if facts is not None else None


def _url(host: str, port: int) -> str:
    return f"http://{host}:{port}"
