"""Reaches a compose project that gameday did not start, without proxies and without labels of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from docker import DockerClient

from chaos.adapters.containers import DockerContainers
from chaos.adapters.engine_connection import engine_errors
from chaos.adapters.labels import PROJECT_LABEL, RUN_LABEL, SERVICE_LABEL, OwnershipLabel, is_one_off
from chaos.adapters.levers import StackLevers
from chaos.adapters.networks import Attachment, DockerNetworks
from chaos.adapters.overlay.splice import link_port
from chaos.adapters.prometheus import PrometheusReader
from chaos.errors import BadInput, Problem, ToolProblem
from chaos.model.links import CLIENTS, LinkName
from chaos.model.rhythm import ROUND_TRIP_TIMEOUT
from chaos.model.stack import Stack
from chaos.ports import Exchange, RoundTrip, Toxic

ANY = ("", "0.0.0.0", "::")  # addresses of a port published on all interfaces


class PublishedPorts:
    """Where the ports of a project's services are published. Blocking, for milliseconds.

    The engine may choose another host port at each start, so each call asks it; while a container is down
    the last answer counts.
    """

    def __init__(self, whose: OwnershipLabel, stack: Stack, client: DockerClient) -> None:
        self._whose = whose
        self._stack = stack
        self._api = client.api
        self._last: dict[tuple[str, int], str] = {}

    def of_service(self, service: str, port: int | None = None) -> str:
        """Base URL of a port; None: the port of the first link to the service. ``ToolProblem`` if it is not
        published.
        """
        inside = port or link_port(self._stack, service)
        if inside is not None and (found := self._look(service, inside)):
            self._last[service, inside] = found
        if inside is None or (service, inside) not in self._last:
            raise ToolProblem(
                f"{self._whose} publishes no port {inside or ''} of {service}; add it to its `ports:`"
            )
        return self._last[service, inside]

    @property
    def entries(self) -> Mapping[str, str]:
        """Service -> URL at which outside clients reach it; only services with a published port."""
        found: dict[str, str] = {}
        for link in self._stack.link_names():
            if link.client == CLIENTS:
                try:
                    found[link.target] = self.of_service(link.target, self._stack.port_of(link))
                except ToolProblem:
                    continue
        return found

    def _look(self, service: str, port: int) -> str:
        with engine_errors("find published ports"):
            hosts = [
                (str(one.get("IP", "")), int(one["PublicPort"]))
                for row in self._api.containers(all=True, filters=self._whose.filters(service))
                if not is_one_off(row)
                for one in row.get("Ports") or ()
                if one.get("PrivatePort") == port and one.get("Type") == "tcp" and one.get("PublicPort")
            ]
        for address, public in sorted(hosts):  # IPv4 before ::
            host = "127.0.0.1" if address in ANY else f"[{address}]" if ":" in address else address
            return f"http://{host}:{public}"
        return ""


class NoLinks:
    """The ``Links`` port of a project without proxies: faults can neither break nor measure its links."""

    def leading_to(self, service: str) -> tuple[LinkName, ...]:
        return ()

    async def enable(self, link: LinkName) -> None:
        raise _no_proxy(link)

    async def disable(self, link: LinkName) -> None:
        raise _no_proxy(link)

    async def enabled(self, link: LinkName) -> bool:
        raise _no_proxy(link)

    async def add_toxic(self, link: LinkName, toxic: Toxic) -> None:
        raise _no_proxy(link)

    async def remove_toxic(self, link: LinkName, name: str) -> None:
        raise _no_proxy(link)

    async def toxics(self, link: LinkName) -> tuple[Toxic, ...]:
        raise _no_proxy(link)

    async def round_trip(self, link: LinkName, timeout: float = ROUND_TRIP_TIMEOUT) -> RoundTrip:
        raise _no_proxy(link)

    async def exchange(self, link: LinkName, size: int, timeout: float) -> Exchange:
        raise _no_proxy(link)

    async def ending(self, link: LinkName, timeout: float) -> Exchange:
        raise _no_proxy(link)

    async def lasts(self, link: LinkName, seconds: float) -> bool:
        raise _no_proxy(link)


def _no_proxy(link: LinkName) -> ToolProblem:
    return ToolProblem(f"{link} has no proxy, because gameday did not start this project")


@dataclass(frozen=True)
class AttachedProject:
    """The parts of the project that faults and tests may use. None of them can remove anything."""

    whose: OwnershipLabel
    containers: DockerContainers
    networks: DockerNetworks
    levers: StackLevers
    links: NoLinks
    ports: PublishedPorts
    metrics: PrometheusReader | None

    @property
    def entries(self) -> Mapping[str, str]:
        """See ``PublishedPorts.entries``."""
        return self.ports.entries


def attached_project(
    project: str,
    stack: Stack,
    client: DockerClient,
    before: Mapping[str, tuple[Attachment, ...]] | None = None,
) -> AttachedProject:
    """Reach a project by its name. ``before``: see ``DockerNetworks``."""
    whose = OwnershipLabel(PROJECT_LABEL, project)
    containers = DockerContainers(project, client, whose=whose)
    ports = PublishedPorts(whose, stack, client)
    facts = stack.prometheus
    metrics = PrometheusReader(ports.of_service(facts.service, facts.port)) if facts is not None else None
    levers = StackLevers(stack.levers, ports.of_service, containers.execute)
    networks = DockerNetworks(containers, client, before)
    return AttachedProject(whose, containers, networks, levers, NoLinks(), ports, metrics)


def services_of(project: str, client: DockerClient) -> tuple[str, ...]:
    """The services with exactly one container. Raises ``BadInput`` for a project without containers, and for
    the stack of a run.
    """
    with engine_errors("list the containers of the project"):
        rows: list[dict[str, Any]] = client.api.containers(
            all=True, filters=OwnershipLabel(PROJECT_LABEL, project).filters()
        )
    labels = [row.get("Labels") or {} for row in rows if not is_one_off(row)]
    if not labels:
        fix = "start DockerCompose before gameday_project returns it"
        raise BadInput([Problem.about("gameday_project", f"project {project} has no container here", fix)])
    if any(RUN_LABEL in one for one in labels):
        message = f"project {project} is the stack of a gameday run"
        raise BadInput([Problem.about("gameday_project", message, "use the fixture gameday_stack instead")])
    counted = Counter(one[SERVICE_LABEL] for one in labels if SERVICE_LABEL in one)
    return tuple(name for name, count in sorted(counted.items()) if count == 1)
