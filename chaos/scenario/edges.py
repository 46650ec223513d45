"""Finds which services of a compose project dial which others, and remarks on what it could not find out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from chaos.model.stack import ServiceRole
from chaos.scenario.addresses import bare_names, dials_udp, hides_host, http_ports, mentions_of
from chaos.scenario.compose import COMPLETED, ComposeProject, ComposeService
from chaos.scenario.entries import command_ports, conventional_ports, dialled_ports, health_calls
from chaos.scenario.known_images import ImageUse, known_image, known_service

# Words in the name of a service that does something once, and images of programs that do.
_JOB_WORDS = frozenset(
    (
        *("init", "initdb", "initialize", "initializer", "setup", "bootstrap", "provision", "provisioner"),
        *("migrate", "migration", "migrations", "migrator", "seed", "seeder", "seeding"),
        *("create", "createbucket", "createbuckets", "installer"),
    )
)
_JOB_IMAGE = re.compile(r"(?:^|/)(?:minio/mc|migrate/migrate|flyway|liquibase|aws-cli|curl)(?:[:@]|$)")
# Port of clients -> port at which servers of the same kind dial each other, from the documentation of
# Cassandra, Elasticsearch and RabbitMQ.
_PEER_PORTS = {9042: 7000, 9200: 9300, 5672: 25672}
_ELLIPSIS = re.compile(r"(?<=//)[\w.-]{0,60}\{\d+\.\.\.\d+\}")  # several hosts, as MinIO writes them
_MOST_NAMED = 5  # variables in one remark


@dataclass(frozen=True)
class DraftRemark:
    """A guess about one service, or what was left out or not found; ``service`` empty: about the project."""

    service: str
    text: str


class Edges:
    """The edges of one project. ``remarks``: everything that could not be found out, so far.

    ``http``: service -> its ports that an http:// address of another service names.
    """

    def __init__(self, project: ComposeProject) -> None:
        self.services = project.services
        self.remarks = [DraftRemark("", note) for note in project.notes]
        self.jobs = _jobs(project.services)
        self.http: dict[str, set[int]] = {name: set() for name in project.services}
        self._mentioned: dict[str, tuple[tuple[str, list[int]], ...]] = {}

    def links(self) -> dict[str, int]:
        """client->target: port, for every edge with a known port."""
        return {
            f"{client.name}->{target}": port
            for client in self.services.values()
            if self._may_be_client(client)
            for target, port in self._targets(client)
        }

    def say(self, service: str, text: str) -> None:
        """Add a remark, once."""
        remark = DraftRemark(service, text)
        if remark not in self.remarks:
            self.remarks.append(remark)

    def _may_be_client(self, service: ComposeService) -> bool:
        edges = ", ".join(name for name, _ in self._mentions(service))
        known, name = known_service(service), service.name
        self._say_hidden(service)
        if several := _ELLIPSIS.search(service.words):
            text = (
                f"its command names {several[0]}, which gameday does not expand: add its links to the others"
            )
            self.say(name, text)
        if known is not None and known.use is ImageUse.MONITORING:
            if edges:
                self.say(name, f"it measures {edges} directly, without a link: no proxy is between them")
            return False
        if service.replicas == 0:
            self.say(name, "it has 0 replicas, so no container of it runs: left out")
            return False
        if name in self.jobs and edges:
            self.say(name, f"it is a job that ends, so it reaches {edges} without a link")
            return False
        if service.network_mode and edges:
            self.say(name, f"network_mode {service.network_mode}: no proxy fits between it and {edges}")
            return False
        return not service.network_mode

    def _say_hidden(self, service: ComposeService) -> None:
        hidden = [name for name, value in service.environment if hides_host(name, value)]
        if hidden:
            more = ", ..." if len(hidden) > _MOST_NAMED else ""
            text = (
                f"{', '.join(hidden[:_MOST_NAMED])}{more} may name another service by a variable that has no "
                "value here: set it in .env, or add the link"
            )
            self.say(service.name, text)

    def _mentions(self, client: ComposeService) -> tuple[tuple[str, list[int]], ...]:
        """Every service that ``client`` refers to, with the ports that it dials."""
        if client.name not in self._mentioned:
            self._mentioned[client.name] = tuple(self._find_mentions(client))
        return self._mentioned[client.name]

    def _find_mentions(self, client: ComposeService) -> Iterator[tuple[str, list[int]]]:
        own = [
            one for one in client.environment if one[0] not in client.from_files or not _dials_none(client)
        ]
        variables = (*own, *client.given.texts, *client.build_args)
        for name, target in self.services.items():
            if name == client.name:
                continue
            aliases = [alias for alias, service in client.links if service == name]
            known_as = dict.fromkeys((name, *target.names, *aliases))
            self.http[name].update(http_ports(known_as, variables, client.words))
            if dials_udp(known_as, variables, client.words):
                self.say(client.name, f"it dials {name} by UDP, which bypasses the proxies")
            found = list(mentions_of(known_as, variables, client.words))
            fixed = list(mentions_of(target.addresses, client.environment, ""))
            if fixed:
                text = f"a run has other networks, so it replaces {name}'s fixed address by its name"
                self.say(client.name, text)
            if any(True for _ in mentions_of(target.addresses, (), client.words)):
                text = f"its command dials {name} by a fixed address, which a run changes; use {name}"
                self.say(client.name, text)
            found += fixed
            declared = name in (client.depends_on or {}) or bool(aliases)
            if found or declared or self._named_bare(client, target, known_as, own):
                yield name, [port for port in found if port]

    def _named_bare(
        self,
        client: ComposeService,
        target: ComposeService,
        known_as: Mapping[str, None],
        variables: Iterable[tuple[str, str]],
    ) -> bool:
        """Is a variable nothing but the name of a store, as in CACHE=redis?"""
        known = known_service(target)
        if known is None or known.use is not ImageUse.STORE:
            return False
        named = list(bare_names(known_as, variables))
        if named:
            text = f"gameday guessed that it dials {target.name}, because that is its variable {named[0]}"
            self.say(client.name, text)
        return bool(named)

    def _targets(self, client: ComposeService) -> Iterator[tuple[str, int]]:
        for name, dialled in self._mentions(client):
            target = self.services[name]
            ports = list(dict.fromkeys((*_peer_ports(client, target, dialled), *_ports_of(target, dialled))))
            if name in self.jobs:
                self.say(client.name, f"no link to {name}: it is a job that ends")
            elif target.replicas == 0:
                self.say(client.name, f"no link to {name}: it has 0 replicas, so no container of it runs")
            elif target.network_mode:
                self.say(client.name, f"no link to {name}: its network_mode is {target.network_mode}")
            elif target.udp_ports and not ports:
                udp = ", ".join(map(str, target.udp_ports))
                self.say(client.name, f"no link to {name}: it uses UDP ({udp}), which bypasses the proxies")
            elif ports:
                self._say_guessed(client.name, target, ports, dialled)
                yield name, ports[0]
            else:
                text = f"the port at which it dials {name} is unknown: add {client.name}->{name}: PORT"
                self.say(client.name, text)

    def _say_guessed(self, client: str, target: ComposeService, ports: list[int], dialled: list[int]) -> None:
        port, name = ports[0], target.name
        if port in _PEER_PORTS.values() and port not in (*dialled, *target.ports):
            self.say(
                client, f"gameday guessed port {port} of {name}, because both are servers of one cluster"
            )
        if port in command_ports(target) and port not in (*dialled, *target.ports):
            self.say(client, f"gameday guessed port {port} of {name} from the command of {name}")
        known = known_service(target)
        if known is not None and port == known.port and known_image(target.image) is None:
            if port not in (*dialled, *target.ports):
                self.say(client, f"gameday guessed port {port} of {name} from the name of {name}")
        elif ports == list(conventional_ports(target)):
            self.say(client, f"gameday guessed port {port} of {name} from its variable PORT")
        further = [other for other in dict.fromkeys(dialled) if other not in (port, *target.ports)]
        if further:
            text = (
                f"it also dials {name} at {', '.join(map(str, further))}: unless the image of {name} exposes "
                "that port, add it under expose, or no proxy carries it"
            )
            self.say(client, text)


def _dials_none(service: ComposeService) -> bool:
    """Is it a store that dials no other service? It may share the env file of the application."""
    known = known_service(service)
    return known is not None and (
        known.role in (ServiceRole.POSTGRES, ServiceRole.REDIS) or known.port in (3306, 27017)
    )


def _jobs(services: Mapping[str, ComposeService]) -> set[str]:
    """Services that do their work and end."""
    waited_for = {
        other
        for service in services.values()
        for other, condition in (service.depends_on or {}).items()
        if condition == COMPLETED
    }
    return {name for name, service in services.items() if name in waited_for or _ends(service)}


def _ends(service: ComposeService) -> bool:
    """Does it look like a job: never restarted, with nothing that others could dial?"""
    if service.all_ports or not (service.restart in ("", "no") or service.restart.startswith("on-failure")):
        return False
    if set(re.split(r"[-_.]", service.name.lower())) & _JOB_WORDS or _JOB_IMAGE.search(service.image):
        return bool(service.words or service.built)
    return service.restart == "no" and not service.healthcheck and not known_image(service.image)


def _peer_ports(client: ComposeService, target: ComposeService, dialled: list[int]) -> tuple[int, ...]:
    """The port at which two servers of one cluster dial each other, if the address has none."""
    own, other = known_service(client), known_service(target)
    if own is None or own != other or own.port not in _PEER_PORTS or dialled:
        return ()
    return (_PEER_PORTS[own.port],)


def _ports_of(target: ComposeService, dialled: list[int]) -> list[int]:
    """TCP ports of ``target`` that a client may mean, the likeliest first. Of two that it dials, the one that
    the target declares is likelier: the other may be UDP, such as that of statsd.
    """
    known = known_service(target)
    usual = [known.port] if known and known.port else []
    asked = [call.port for call in health_calls(target)]
    likely = [
        *(port for port in usual if port in dialled),
        *(port for port in dialled if port in target.ports),
        *dialled,
        *usual,
        *target.ports,
        *asked,
        *dialled_ports(target),
        *command_ports(target),
        *conventional_ports(target),
    ]
    return [port for port in likely if port in target.ports or port not in target.udp_ports]
