"""Decides which networks and Toxiproxy containers a stack gets. Pure.

Each client service C of a link has a network ``link-C`` with its Toxiproxy, which carries there the *names of
C's targets*: C finds a target nowhere else. C reaches every other service that it could reach before on
``direct-N`` (``chaos.model.networking``); the Toxiproxies of other clients find C there.

These are networks of their own, because a name that is known on two networks of a container is resolved on
either: a bystander on ``link-C`` would find the Toxiproxy of C under the name of a service that it must reach
directly. Every known port of a target gets a proxy. One Toxiproxy cannot listen twice on one port, so a
client with two targets that share a port gets a second container. So does a link for which a fault asks for
a container of its own, and one that asks for an HTTP proxy has it between its Toxiproxy and the target.
Each known UDP port of a target has a relay beside the client's Toxiproxy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from chaos.adapters.overlay.compose_file import ComposeFile
from chaos.errors import BadInput, Problem
from chaos.model.networking import NetworkPlan, callbacks, plan_networks
from chaos.model.stack import CLIENTS, LinkName, Stack

_API_PORT = 8474  # Toxiproxy's own default


@dataclass(frozen=True)
class Proxy:
    """One port of one link. ``port`` is where it listens and where the target does.

    ``first``: the port that stack.yaml gives the link; the others are further ports of its target.
    """

    link: LinkName
    port: int
    upstream: str
    first: bool = True

    @property
    def name(self) -> str:
        """Its name within Toxiproxy."""
        return str(self.link) if self.first else f"{self.link}:{self.port}"


@dataclass(frozen=True)
class ProxyContainer:
    """One Toxiproxy container. ``own_network``: where its client finds it, and from which its ports are
    published; None if it has no client in the stack and can publish from the other networks.
    ``upstream_networks``: where it finds the real targets.
    """

    service: str
    client: str
    api_port: int
    proxies: tuple[Proxy, ...]
    own_network: str | None
    upstream_networks: tuple[str, ...]

    @property
    def targets(self) -> tuple[str, ...]:
        return _targets(self.proxies)

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports that gameday dials: the API, and the first proxy of each link."""
        return (self.api_port, *(proxy.port for proxy in self.proxies if proxy.first))


@dataclass(frozen=True)
class HttpProxy:
    """The HTTP proxy of one link. ``port``: where it listens and where ``target`` does. ``api_port``: its
    runtime interface.
    """

    service: str
    link: LinkName
    port: int
    api_port: int
    target: str
    networks: tuple[str, ...]


@dataclass(frozen=True)
class UdpRelay:
    """Carries one UDP port of a link's target, which Toxiproxy cannot. It shares the network interfaces of
    the Toxiproxy container ``beside``, because the client finds the target's names there. No fault on the
    link affects it.
    """

    service: str
    beside: str
    port: int
    target: str


@dataclass(frozen=True)
class Requested:
    """What the faults of a scenario need in addition to a proxy for each link. ``apart``: links whose proxies
    have a container of their own. ``http``: links with an HTTP proxy.
    """

    apart: frozenset[LinkName] = frozenset()
    http: frozenset[LinkName] = frozenset()


NOTHING = Requested()


@dataclass(frozen=True)
class Topology:
    """The Toxiproxy containers, and the networks of the services."""

    containers: tuple[ProxyContainer, ...]
    networks: NetworkPlan
    http: tuple[HttpProxy, ...] = ()
    udp: tuple[UdpRelay, ...] = ()

    def own_services(self) -> tuple[str, ...]:
        """The services that are not in the plain project."""
        proxies = (*(one.service for one in self.containers), *(one.service for one in self.http))
        return (*proxies, *(one.service for one in self.udp))

    @property
    def clients(self) -> tuple[str, ...]:
        """Real services only."""
        return self.networks.clients

    def container_of(self, link: LinkName) -> ProxyContainer:
        """KeyError for a link that the stack does not have."""
        for container in self.containers:
            if any(proxy.link == link for proxy in container.proxies):
                return container
        raise KeyError(str(link))

    def further_ports(self, link: LinkName) -> tuple[str, ...]:
        """The names of the proxies of the other ports of a link's target."""
        proxies = self.container_of(link).proxies
        return tuple(proxy.name for proxy in proxies if proxy.link == link and not proxy.first)


def link_network(client: str) -> str:
    return f"link-{client}"


def direct_network(place: int) -> str:
    """The name of a direct network, by its place in ``NetworkPlan.direct``."""
    return f"direct-{place + 1}"


def real_name(target: str) -> str:
    """The name under which only Toxiproxy dials a target."""
    return f"{target}.real"


def plan_topology(stack: Stack, compose: ComposeFile, requested: Requested = NOTHING) -> Topology:
    """Raises ``BadInput`` with every service that a link, a lever or a probe names and the compose file
    lacks.
    """
    _refuse_impossible(stack, compose)
    attached = {
        name: tuple(service.networks)
        for name, service in compose.services.items()
        if service.network_mode is None
    }
    ports = {name: service.ports for name, service in compose.services.items()}
    roles = {name: service.role for name, service in stack.services.items()}
    links = stack.link_names()
    called_back = callbacks(links, attached, roles, ports)
    networks = plan_networks((*links, *called_back), attached)
    proxies: dict[str, dict[LinkName, list[Proxy]]] = {}
    for link in (*links, *called_back):
        upstream = real_name(link.target)
        declared = [stack.port_of(link)] if link in stack.links else []
        found = [Proxy(link, port, upstream) for port in declared]
        found += [
            Proxy(link, port, upstream, first=False) for port in ports[link.target] if port not in declared
        ]
        proxies.setdefault(link.client, {})[link] = found
    containers = [
        container
        for client, by_link in proxies.items()
        for container in _containers(client, list(by_link.values()), networks, compose, requested.apart)
    ]
    topology = Topology(tuple(containers), networks, udp=tuple(_udp_relays(containers, compose)))
    return _with_http_proxies(topology, compose, requested.http)


def _udp_relays(containers: Iterable[ProxyContainer], compose: ComposeFile) -> Iterator[UdpRelay]:
    """For the clients in the stack; those outside use the ports that gameday publishes, which are TCP."""
    for container in containers:
        if container.client not in compose.services:
            continue
        for target in container.targets:
            for port in compose.services[target].udp_ports:
                name = _free_name(f"udp-{container.client}-{target}-{port}", compose)
                yield UdpRelay(name, container.service, port, real_name(target))


def _with_http_proxies(topology: Topology, compose: ComposeFile, links: frozenset[LinkName]) -> Topology:
    """Puts an HTTP proxy between the first proxy of each of ``links`` and the target."""
    added: list[HttpProxy] = []
    containers = []
    for container in topology.containers:
        proxies = []
        for proxy in container.proxies:
            if proxy.first and proxy.link in links:
                name = _free_name(f"haproxy-{proxy.link.client}-{proxy.link.target}", compose)
                networks = _upstream((proxy.link.target,), topology.networks, compose)
                if set(networks) <= compose.internal and container.own_network:
                    networks = (*networks, container.own_network)  # the others publish nothing
                api_port = _API_PORT if proxy.port != _API_PORT else _API_PORT + 1
                added.append(HttpProxy(name, proxy.link, proxy.port, api_port, proxy.upstream, networks))
                proxy = replace(proxy, upstream=name)
            proxies.append(proxy)
        containers.append(replace(container, proxies=tuple(proxies)))
    return replace(topology, containers=tuple(containers), http=tuple(added))


def _upstream(targets: tuple[str, ...], networks: NetworkPlan, compose: ComposeFile) -> tuple[str, ...]:
    """The networks on which these targets are found under their real names."""
    found: dict[str, None] = {}
    for target in targets:
        if target in networks.clients:
            found[direct_network(networks.direct_of(target)[0])] = None
        else:
            found.update(dict.fromkeys(compose.services[target].networks))
    return tuple(found)


def _containers(
    client: str,
    links: list[list[Proxy]],
    networks: NetworkPlan,
    compose: ComposeFile,
    apart: frozenset[LinkName],
) -> list[ProxyContainer]:
    groups: list[list[Proxy]] = []
    for proxies in links:
        free = next((group for group in groups if _fit(proxies, group, apart, compose)), None)
        if free is None:
            groups.append(list(proxies))
        else:
            free += proxies
    containers = []
    for number, group in enumerate(groups, start=1):
        ports = {proxy.port for proxy in group}
        upstream = _upstream(_targets(group), networks, compose)
        containers.append(
            ProxyContainer(
                service=_free_name(f"toxiproxy-{client}" + (f"-{number}" if number > 1 else ""), compose),
                client=client,
                api_port=next(port for port in range(_API_PORT, 65536) if port not in ports),
                proxies=tuple(group),
                own_network=link_network(client)
                if client in networks.clients or set(upstream) <= compose.internal
                else None,
                upstream_networks=upstream,
            )
        )
    return containers


def _fit(proxies: list[Proxy], group: list[Proxy], apart: frozenset[LinkName], compose: ComposeFile) -> bool:
    """May the container of ``group`` hold the proxies of a link? Only one can listen on a port."""
    alone = apart & {proxy.link for proxy in (*proxies, *group)}
    tcp = {proxy.port for proxy in proxies} & {other.port for other in group}
    return not alone and not tcp and not _udp_ports(proxies, compose) & _udp_ports(group, compose)


def _udp_ports(proxies: Iterable[Proxy], compose: ComposeFile) -> set[int]:
    return {port for target in _targets(proxies) for port in compose.services[target].udp_ports}


def _targets(proxies: Iterable[Proxy]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(proxy.link.target for proxy in proxies))


def _free_name(wanted: str, compose: ComposeFile) -> str:
    while wanted in compose.services:
        wanted += "-x"
    return wanted


def _refuse_impossible(stack: Stack, compose: ComposeFile) -> None:
    problems = []
    known = ", ".join(sorted({*compose.services, *compose.dormant}))
    named = {
        name: "a link"
        for link in stack.link_names()
        for name in (link.client, link.target)
        if name != CLIENTS
    }
    named |= dict.fromkeys(stack.services, "services")
    if stack.prometheus:
        named[stack.prometheus.service] = "prometheus"
    for name, where in (dict.fromkeys(stack.paced, "paced") | named).items():
        if name in compose.dormant and name in named:
            profiles = " or ".join(compose.dormant[name].profiles)
            message = (
                f"{where} of stack.yaml names service {name}, which needs the Compose profile {profiles}"
            )
            fix = f"set `profile:` of {name} in stack.yaml, or activate it with `profiles:` in the scenario"
            problems.append(Problem.about(stack.compose, message, fix))
        elif name not in compose.services and name not in compose.dormant:
            message = f"{where} of stack.yaml names an unknown service {name}; known: {known}"
            problems.append(Problem.about(stack.compose, message))
    for link in stack.link_names():
        for name in (link.client, link.target):
            service = compose.services.get(name)
            if service is not None and service.network_mode is not None:
                message = f"no proxy can carry {link}: service {name} has network_mode {service.network_mode}"
                fix = "give it a network, or remove the link from stack.yaml"
                problems.append(Problem.about(stack.compose, message, fix))
    if problems:
        raise BadInput(dict.fromkeys(problems))
