"""Guesses a stack from an unknown compose project: roles, links, the entry, and what remains unknown."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chaos.errors import BadInput, Problem
from chaos.model.stack import CLIENTS, POOL_NETWORKS, ServiceRole, as_link
from chaos.scenario.compose import ComposeProject, ComposeService, read_compose_project
from chaos.scenario.edges import DraftRemark, Edges
from chaos.scenario.entries import health_calls, http_port, probe_path, speaks_tls
from chaos.scenario.known_images import ImageUse, known_service
from chaos.scenario.monitoring import draft_monitoring
from chaos.scenario.roles import first_role, roles_by_use
from chaos.scenario.routed import called_by_pages, is_routed, is_router, routes_file
from chaos.scenario.secret_variables import secret_names
from chaos.scenario.spliceable import networks_of

_BY_TRAFFIC = "gameday preflight finds links by their traffic"
_REGISTRY = re.compile(
    r"eureka|consul|nacos|discovery[-_]?(?:server|service)|service[-_]?(?:discovery|registry)"
)
_MAIL = (25, 1025)
_FRONT = re.compile(r"web(?!socket|hook)|www|front|gateway|portal|proxy|nginx|edge")
_BESIDE = (
    ImageUse.TOOL,
    ImageUse.MONITORING,
)  # used beside the application: neither its entry nor its dependency


@dataclass(frozen=True)
class Guess:
    """A stack as guessed from its compose project."""

    name: str
    compose: str  # path as written in stack.yaml
    overrides: tuple[str, ...]  # further compose files, written in the same way
    roles: Mapping[str, ServiceRole]
    profiles: Mapping[str, str]  # service -> the profile without which it does not exist
    links: Mapping[str, int]  # client->target: port
    entry: str  # the service that clients call
    probe_path: str
    secrets: tuple[str, ...] = ()  # environment variables that look secret, in file order
    remarks: tuple[DraftRemark, ...] = ()
    replicated: frozenset[str] = frozenset()  # services with several containers
    monitoring: str = ""  # the text of a prometheus: section, and of breakers; "" if nothing was found
    beside: frozenset[str] = frozenset()  # tools, mail servers, services of a profile: the last to break
    jobs: frozenset[str] = frozenset()  # services that do their work and end

    @property
    def broken_link(self) -> str | None:
        """The link that the first scenario breaks if a container fault would hit only one of the replicas."""
        if self.victim not in self.replicated:
            return None
        leading = [name for name in self.links if name.partition("->")[2] == self.victim]
        return next((name for name in leading if not name.startswith(f"{CLIENTS}->")), leading[0])

    @property
    def victim(self) -> str:
        """The service that the first scenario breaks: a dependency of the entry, else any, else the entry."""
        ends = [name.split("->") for name in self.links]
        inner = [(client, target) for client, target in ends if client != CLIENTS]
        own = [target for client, target in inner if client == self.entry]
        found = [*own, *(target for _, target in inner if target != self.entry)]
        return min(found, key=lambda name: name in self.beside) if found else self.entry

    @property
    def active(self) -> tuple[str, ...]:
        """Profiles that a scenario on entry and victim needs."""
        needed = (self.profiles.get(name) for name in (self.entry, self.victim))
        return tuple(dict.fromkeys(profile for profile in needed if profile))


def guess(compose_file: Path, into: Path | None = None, more: Sequence[Path] = ()) -> Guess:
    """Read the project. ``into`` is the folder of the new stack.yaml; the default is beside the compose file.

    BadInput if clients cannot call any service from outside: no client could see it fail.
    """
    home = (into or compose_file.parent).resolve()
    project = read_compose_project(compose_file, more)
    services = project.services
    if CLIENTS in services:
        message = f"a service is named {CLIENTS!r}; in stack.yaml that name stands for callers from outside"
        raise BadInput([project.problem(("services", CLIENTS), message, "rename the service")])
    edges = Edges(project)
    finder = _Finder(project, edges)
    inner = edges.links()
    roles = {name: first_role(one, edges.jobs) for name, one in services.items() if one.replicas}
    ports = finder.entries(roles, inner)
    roles |= {
        name: ServiceRole.HTTP
        for name, role in roles.items()
        if role is ServiceRole.APP and name not in ports
    }
    roles |= {name: ServiceRole.APP for name in ports if roles[name] in (ServiceRole.HTTP, ServiceRole.OTHER)}
    name = re.sub(r"[^a-z0-9_]+", "-", project.name.lower()).strip("-_") or "stack"
    before = dict(roles)
    roles |= dict(roles_by_use(services, roles, inner, edges.http))
    entry = next(iter(ports))
    links = finder.affordable({f"{CLIENTS}->{one}": port for one, port in ports.items()} | inner, roles)
    return Guess(
        name=name,
        compose=os.path.relpath(compose_file.resolve(), home),
        overrides=tuple(os.path.relpath(file.resolve(), home) for file in more),
        roles=roles,
        profiles={one: services[one].profiles[0] for one in roles if services[one].profiles},
        links=links,
        entry=entry,
        probe_path=finder.probe_path(entry, ports[entry]),
        secrets=secret_names(services, name),
        remarks=(*edges.remarks, *finder.unlinked(before, inner, ports)),
        replicated=frozenset(one.name for one in services.values() if one.replicas > 1),
        monitoring=draft_monitoring(project, roles, home),
        beside=frozenset(one for one in roles if services[one].profiles or _is_minor(services[one])),
        jobs=frozenset(one for one in roles if one in edges.jobs),
    )


def _is_beside(service: ComposeService) -> bool:
    """Is it a tool or monitoring?"""
    known = known_service(service)
    return known is not None and known.use in _BESIDE


def _is_minor(service: ComposeService) -> bool:
    """Is it what an application misses least: a tool, monitoring or a mail server?"""
    known = known_service(service)
    return known is not None and (known.use in _BESIDE or known.port in _MAIL)


class _Finder:
    """Finds roles and entries of one project, and adds a remark for everything that it could not find out."""

    def __init__(self, project: ComposeProject, edges: Edges) -> None:
        self._project = project
        self._edges = edges
        self.services = project.services

    def entries(self, roles: Mapping[str, ServiceRole], inner: Mapping[str, int]) -> dict[str, int]:
        """The services that people call, the likeliest first, each with its port."""
        able = {
            name: port
            for name, service in self.services.items()
            if name in roles
            and not service.network_mode
            and name not in self._edges.jobs
            and (port := http_port(service)) is not None
        }
        open_ones = self._routed([name for name in able if roles[name] is ServiceRole.APP], able)
        calls = [(*link.partition("->")[::2], port) for link, port in inner.items()]
        # What is called at another port, such as that of an administrator, may still be what people call.
        called = {
            target
            for client, target, port in calls
            if client in open_ones and (port == able.get(target) or _is_beside(self.services[target]))
        }
        found = [name for name in open_ones if name not in called] or open_ones
        found += self._called_by_pages(found, able)
        if not found:
            found = [name for name in able if roles[name] in (ServiceRole.APP, ServiceRole.HTTP)]
            for name in found:
                text = f"it publishes no port; gameday guessed that clients call port {able[name]}"
                self._edges.say(name, text)
        if not found:
            raise BadInput([self._nothing_to_call()])
        callers = {client for client, _, _ in calls}

        def rank(name: str) -> tuple[bool, ...]:
            service = self.services[name]
            unlikely = (_is_beside(service), bool(service.profiles), speaks_tls(able[name]))
            # The failure of a dependency is what a run looks at.
            return (*unlikely, name not in callers, not _FRONT.search(name.lower()))

        for name in found:
            if speaks_tls(able[name]):
                text = f"port {able[name]} usually speaks TLS, but gameday's load speaks plain HTTP"
                self._edges.say(name, text)
        return {name: able[name] for name in sorted(found, key=rank)}

    def _routed(self, open_ones: list[str], able: Mapping[str, int]) -> list[str]:
        """``open_ones`` without a router that finds services by their labels: a run drops these labels."""
        routed = [name for name in open_ones if is_routed(self.services[name])]
        routers = [name for name in open_ones if is_router(self.services[name]) and name not in routed]
        for name in routers:
            if routed:
                text = (
                    "it finds services by labels that a run drops, so clients bypass it and call "
                    f"{', '.join(routed)} directly"
                )
                self._edges.say(name, text)
        for name, service in self.services.items():
            if is_routed(service) and name not in able and not service.network_mode:
                text = f"a router sends it requests at an unknown port: add {CLIENTS}->{name}: PORT"
                self._edges.say(name, text)
        return [name for name in open_ones if not routed or name not in routers]

    def probe_path(self, entry: str, port: int) -> str:
        """What the first probe requests."""
        service = self.services[entry]
        path = probe_path(service, port)
        asked = [call.port for call in health_calls(service)]
        if asked and port not in asked:
            text = (
                f"its health check asks port {asked[0]}, but clients call port {port}; gameday guessed {path}"
            )
            self._edges.say(entry, text)
        return path

    def _called_by_pages(self, found: list[str], able: Mapping[str, int]) -> list[str]:
        """Further services that browsers call, found by an address in a variable of a page."""
        more: dict[str, int] = {}
        for page, name, port in called_by_pages(self.services):
            if page in found and name not in found and able.get(name) == port:
                more[name] = port
                text = f"clients call it too: a variable of {page} has its address on this host"
                self._edges.say(name, text)
        return list(more)

    def _nothing_to_call(self) -> Problem:
        for name, service in self.services.items():
            shared = self.services.get(service.network_mode.removeprefix("service:"))
            if service.network_mode and (service.published or service.network_mode == "host" or shared):
                message = f"{name} has network_mode {service.network_mode}, so it cannot have a proxy"
                fix = "give it a network of the project, and publish a port"
                return self._project.problem(("services", name, "network_mode"), message, fix)
            if service.unknown_ports:
                message = f"a port of {name} depends on a variable that has no value"
                fix = "set it in .env, or give it a default: ${PORT:-8000}"
                return self._project.problem(("services", name, "ports"), message, fix)
        message = "no service publishes a port that speaks HTTP, so no client could see the stack fail"
        return self._project.problem(("services",), message, 'publish a port: ports: ["8000"]')

    def affordable(self, links: dict[str, int], roles: Mapping[str, ServiceRole]) -> dict[str, int]:
        """``links``, without those of the last clients if a run with all would need too many networks."""
        dormant = frozenset(name for name, service in self.services.items() if service.profiles)
        kept = dict(links)
        while True:
            named = [as_link(name) for name in kept]
            awake = [link for link in named if not {link.client, link.target} & dormant]
            count = networks_of(self._project, awake, dict(roles), dormant).count
            clients = [link.client for link in awake if link.client != CLIENTS]
            if count <= POOL_NETWORKS or not clients:
                return kept
            client = clients[-1]
            lost = [name for name in kept if name.startswith(f"{client}->")]
            text = f"a run would need {count} networks, but the engine's address pools hold {POOL_NETWORKS}; "
            self._edges.say(client, f"{text}left out: {', '.join(lost)}")
            kept = {name: port for name, port in kept.items() if name not in lost}

    def unlinked(
        self, roles: Mapping[str, ServiceRole], inner: Mapping[str, int], entries: Collection[str]
    ) -> Iterator[DraftRemark]:
        """Services that probably call others, or are called by them, but for which no link was found."""
        clients = {link.partition("->")[0] for link in inner}
        clients |= {remark.service for remark in self._edges.remarks}
        linked = clients.union(entries, self._edges.jobs, (link.partition("->")[2] for link in inner))
        for name, role in roles.items():
            service = self.services[name]
            known = known_service(service)
            if role in (ServiceRole.APP, ServiceRole.HTTP):
                if (
                    name not in clients
                    and len(self.services) > 1
                    and (not known or known.use is ImageUse.WEB)
                ):
                    text = "no address of another service found; if it reads them from a file, add its links"
                    yield DraftRemark(name, text)
            elif name not in linked and not service.network_mode and not _is_beside(service):
                yield DraftRemark(name, "no other service names it: if one dials it, add that link")
        for name, service in self.services.items():
            if routes := routes_file(service):
                text = f"{routes} may name more services, but gameday does not read it; {_BY_TRAFFIC}"
                yield DraftRemark(name, text)
            if service.given.unread:
                unread = ", ".join(service.given.unread)
                text = f"{unread} may name more services, but gameday did not read it; {_BY_TRAFFIC}"
                yield DraftRemark(name, text)
            if _REGISTRY.search(f"{name} {service.image}".lower()):
                text = f"services that find each other through it have links not seen here; {_BY_TRAFFIC}"
                yield DraftRemark(name, text)
            if service.unknown_ports:
                yield DraftRemark(name, "one of its ports depends on a variable that has no value here")
