"""Guesses a stack from an unknown compose project: roles, links, the entry, and what remains unknown."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chaos.errors import BadInput, Problem
from chaos.model.stack import CLIENTS, POOL_NETWORKS, Role, as_link
from chaos.scenario.addresses import mentions_of
from chaos.scenario.compose import COMPLETED, ComposeProject, ComposeService, read_compose_project
from chaos.scenario.entries import (
    command_ports,
    conventional_ports,
    health_calls,
    http_port,
    probe_path,
    speaks_tls,
)
from chaos.scenario.environment import secret_names
from chaos.scenario.known_images import Part, known_image
from chaos.scenario.monitoring import draft_monitoring
from chaos.scenario.routed import called_by_pages, is_routed, is_router, routes_file
from chaos.scenario.spliceable import networks_of

_BY_PORT = {5432: Role.POSTGRES, 6379: Role.REDIS}
_BY_TRAFFIC = "gameday preflight finds links by their traffic"


@dataclass(frozen=True)
class Remark:
    """A guess about one service, or what was left out or not found; ``service`` empty: about the project."""

    service: str
    text: str


@dataclass(frozen=True)
class Guess:
    """A stack as guessed from its compose project."""

    name: str
    compose: str  # path as written in stack.yaml
    overrides: tuple[str, ...]  # further compose files, written in the same way
    roles: Mapping[str, Role]
    profiles: Mapping[str, str]  # service -> the profile without which it does not exist
    links: Mapping[str, int]  # client->target: port
    entry: str  # the service that clients call
    probe_path: str
    secrets: tuple[str, ...] = ()  # environment variables that look secret, in file order
    remarks: tuple[Remark, ...] = ()
    replicated: frozenset[str] = frozenset()  # services with several containers
    monitoring: str = ""  # the text of a prometheus: section, and of breakers; "" if nothing was found

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
        return next(iter([*own, *(target for _, target in inner if target != self.entry)]), self.entry)

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
        raise BadInput([Problem.about(str(compose_file), message, "rename the service")])
    finder = _Finder(project)
    inner = finder.links()
    roles = {name: finder.role(service) for name, service in services.items()}
    ports = finder.entries(roles, inner, compose_file)
    roles |= {name: Role.HTTP for name, role in roles.items() if role is Role.APP and name not in ports}
    roles |= {name: Role.APP for name in ports if roles[name] in (Role.HTTP, Role.OTHER)}
    name = re.sub(r"[^a-z0-9]+", "-", home.name.lower()).strip("-") or "stack"
    entry = next(iter(ports))
    links = finder.affordable({f"{CLIENTS}->{one}": port for one, port in ports.items()} | inner, roles)
    return Guess(
        name=name,
        compose=os.path.relpath(compose_file.resolve(), home),
        overrides=tuple(os.path.relpath(file.resolve(), home) for file in more),
        roles=roles,
        profiles={one.name: one.profiles[0] for one in services.values() if one.profiles},
        links=links,
        entry=entry,
        probe_path=probe_path(services[entry]),
        secrets=secret_names(services, name),
        remarks=(*finder.remarks, *finder.unlinked(roles, inner)),
        replicated=frozenset(one.name for one in services.values() if one.replicas > 1),
        monitoring=draft_monitoring(project, roles, home),
    )


def _ends(service: ComposeService) -> bool:
    """Does it look like a job: never restarted, with nothing that others could dial or wait for?"""
    serves = service.all_ports or service.healthcheck or known_image(service.image)
    return service.one_shot and not serves


class _Finder:
    """Reads one project and adds a remark for everything that it could not find out."""

    def __init__(self, project: ComposeProject) -> None:
        self._project = project
        self.services = project.services
        self.remarks = [Remark("", note) for note in project.notes]
        waited_for = {
            other
            for service in project.services.values()
            for other, condition in (service.depends_on or {}).items()
            if condition == COMPLETED
        }
        self.jobs = {
            name for name, service in project.services.items() if name in waited_for or _ends(service)
        }

    def role(self, service: ComposeService) -> Role:
        """The role of a service, by its image, else by its ports."""
        known = known_image(service.image)
        port = http_port(service)
        if is_routed(service) and port is not None:
            return Role.APP
        if known is not None:
            return known.role if known.role is not Role.APP or service.published else Role.HTTP
        if service.name in self.jobs:
            return Role.OTHER
        if not service.built and service.ports and set(service.ports) <= set(_BY_PORT):
            return _BY_PORT[service.ports[0]]
        if service.published and port is not None:
            return Role.APP
        asked = bool(health_calls(service)) or (service.built and bool(service.ports))
        return Role.HTTP if asked and port is not None else Role.OTHER

    def entries(self, roles: Mapping[str, Role], inner: Mapping[str, int], file: Path) -> dict[str, int]:
        """The services that people call, the likeliest first, each with its port."""
        able = {
            name: port
            for name, service in self.services.items()
            if not service.network_mode and name not in self.jobs and (port := http_port(service)) is not None
        }
        open_ones = self._routed([name for name in able if roles[name] is Role.APP])
        calls = [link.split("->") for link in inner]
        called = {target for client, target in calls if client in open_ones}
        found = [name for name in open_ones if name not in called] or open_ones
        found += self._called_by_pages(found, able)
        if not found:
            found = [name for name in able if roles[name] in (Role.APP, Role.HTTP)]
            for name in found:
                text = f"it publishes no port; gameday guessed that clients call port {able[name]}"
                self.remarks.append(Remark(name, text))
        if not found:
            raise BadInput([self._nothing_to_call(file)])

        def rank(name: str) -> tuple[bool, bool, bool]:
            known = known_image(self.services[name].image)
            tool = known is not None and known.part in (Part.TOOL, Part.MONITORING)
            return (tool, bool(self.services[name].profiles), speaks_tls(able[name]))

        for name in found:
            if speaks_tls(able[name]):
                text = f"port {able[name]} usually speaks TLS, but gameday's load speaks plain HTTP"
                self.remarks.append(Remark(name, text))
        return {name: able[name] for name in sorted(found, key=rank)}

    def _routed(self, open_ones: list[str]) -> list[str]:
        """``open_ones`` without a router that finds services by their labels: a run drops these labels."""
        routed = [name for name in open_ones if is_routed(self.services[name])]
        routers = [name for name in open_ones if is_router(self.services[name]) and name not in routed]
        for name in routers if routed else ():
            text = (
                "it finds services by labels that a run drops, so clients bypass it and call "
                f"{', '.join(routed)} directly"
            )
            self.remarks.append(Remark(name, text))
        return [name for name in open_ones if not routed or name not in routers]

    def _called_by_pages(self, found: list[str], able: Mapping[str, int]) -> list[str]:
        """Further services that browsers call, found by an address in a variable of a page."""
        more: dict[str, int] = {}
        for page, name, port in called_by_pages(self.services):
            if page in found and name not in found and able.get(name) == port:
                more[name] = port
                text = f"clients call it too: a variable of {page} has its address on this host"
                self.remarks.append(Remark(name, text))
        return list(more)

    def _nothing_to_call(self, file: Path) -> Problem:
        for name, service in self.services.items():
            if service.network_mode and service.published:
                message = f"{name} has network_mode {service.network_mode}, so it cannot have a proxy"
                return Problem.about(
                    str(file), message, "give it a network of the project, and publish a port"
                )
            if service.unknown_ports:
                message = f"a port of {name} depends on a variable that has no value"
                return Problem.about(
                    str(file), message, "set it in .env, or give it a default: ${PORT:-8000}"
                )
        message = "no service publishes a port that speaks HTTP, so no client could see the stack fail"
        return Problem.about(str(file), message, 'publish a port: ports: ["8000"]')

    def links(self) -> dict[str, int]:
        """client->target: port, for every edge with a known port."""
        return {
            f"{client.name}->{target}": port
            for client in self.services.values()
            if self._may_be_client(client)
            for target, port in self._targets(client)
        }

    def _may_be_client(self, service: ComposeService) -> bool:
        known = known_image(service.image)
        if known is not None and known.part is Part.MONITORING:
            return False  # it measures services directly, not through proxies
        edges = [name for name, _ in self._mentions(service)]
        if service.name in self.jobs and edges:
            self._say(service, f"it is a job that ends, so it reaches {', '.join(edges)} without a link")
            return False
        if service.network_mode and edges:
            names = ", ".join(edges)
            self._say(service, f"network_mode {service.network_mode}: no proxy fits between it and {names}")
            return False
        return not service.network_mode

    def _mentions(self, client: ComposeService) -> Iterator[tuple[str, list[int]]]:
        """Every service that ``client`` refers to, with the ports that it dials."""
        for name, target in self.services.items():
            if name == client.name:
                continue
            aliases = [alias for alias, service in client.links if service == name]
            known_as = dict.fromkeys((name, *target.names, *aliases))
            variables = (*client.environment, *client.given.texts)
            found = list(mentions_of(known_as, variables, client.words))
            fixed = list(mentions_of(target.addresses, client.environment, ""))
            if fixed:
                text = f"a run has other networks, so it replaces {name}'s fixed address by its name"
                self._say(client, text)
            if any(True for _ in mentions_of(target.addresses, (), client.words)):
                text = f"its command dials {name} by a fixed address, which a run changes; use {name}"
                self._say(client, text)
            found += fixed
            if found or name in (client.depends_on or {}) or aliases:
                yield name, [port for port in found if port]

    def _targets(self, client: ComposeService) -> Iterator[tuple[str, int]]:
        for name, dialled in self._mentions(client):
            target = self.services[name]
            known = known_image(target.image)
            listens = [
                *target.ports,
                *(call.port or 80 for call in health_calls(target)),
                *command_ports(target),
            ]
            conventional = conventional_ports(target)
            ports = [*dialled, *([known.port] if known and known.port else []), *listens, *conventional]
            if name in self.jobs:
                self._say(client, f"no link to {name}: it is a job that ends")
            elif target.network_mode:
                self._say(client, f"no link to {name}: its network_mode is {target.network_mode}")
            elif target.udp_ports and (
                not ports or (ports[0] in target.udp_ports and ports[0] not in target.ports)
            ):
                udp = ", ".join(map(str, target.udp_ports))
                self._say(client, f"no link to {name}: it uses UDP ({udp}), which bypasses the proxies")
            elif ports:
                if ports[0] in command_ports(target) and ports[0] not in (*dialled, *target.ports):
                    self._say(client, f"gameday guessed port {ports[0]} of {name} from the command of {name}")
                if ports == list(conventional):
                    self._say(client, f"gameday guessed port {ports[0]} of {name} from its variable PORT")
                yield name, ports[0]
            else:
                self._say(
                    client, f"the port at which it dials {name} is unknown: add {client.name}->{name}: PORT"
                )

    def affordable(self, links: dict[str, int], roles: Mapping[str, Role]) -> dict[str, int]:
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
            self._say(self.services[client], f"{text}left out: {', '.join(lost)}")
            kept = {name: port for name, port in kept.items() if name not in lost}

    def unlinked(self, roles: Mapping[str, Role], inner: Mapping[str, int]) -> Iterator[Remark]:
        """Services that probably call others, but for which no link was found."""
        clients = {link.partition("->")[0] for link in inner} | {remark.service for remark in self.remarks}
        for name, role in roles.items():
            if role in (Role.APP, Role.HTTP) and name not in clients and len(self.services) > 1:
                known = known_image(self.services[name].image)
                if known is None or known.part is Part.WEB:
                    text = "no address of another service found; if it reads them from a file, add its links"
                    yield Remark(name, text)
        for name, service in self.services.items():
            if routes := routes_file(service):
                text = f"{routes} may name more services, but gameday does not read it; {_BY_TRAFFIC}"
                yield Remark(name, text)
            if service.given.unread:
                unread = ", ".join(service.given.unread)
                text = f"{unread} may name more services, but gameday did not read it; {_BY_TRAFFIC}"
                yield Remark(name, text)
            if service.unknown_ports:
                yield Remark(name, "one of its ports depends on a variable that has no value here")

    def _say(self, service: ComposeService, text: str) -> None:
        remark = Remark(service.name, text)
        if remark not in self.remarks:
            self.remarks.append(remark)
