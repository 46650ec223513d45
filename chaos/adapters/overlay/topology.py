"""Which networks and Toxiproxy containers a stack gets. Pure.

For each client service C of a link there are two networks of the harness's own:

- ``link-C``: C and its Toxiproxy, which carries there the *names of C's targets*. C finds a target nowhere
  else.
- ``with-C``: C and every service that is neither a target of C nor itself a client, so that C still
  reaches them and they reach C (Prometheus scrapes it, it finds its mail sink); also the Toxiproxies of other
  clients that lead to C.

Two networks and not one, because a name that is known on two networks of a container is resolved on either: a
bystander on ``link-C`` would find the Toxiproxy of C under the name of a service that it must reach directly.
One Toxiproxy cannot listen twice on one port, so a client with two targets on the same port gets a second
container.
"""

from __future__ import annotations

from dataclasses import dataclass

from chaos.adapters.overlay.compose_file import ComposeFile
from chaos.errors import BadInput, Problem
from chaos.model.stack import CLIENTS, LinkName, Stack

_API_PORT = 8474  # Toxiproxy's own default


@dataclass(frozen=True)
class Proxy:
    """One link's proxy. ``port`` is where it listens and where the target does."""

    link: LinkName
    port: int
    upstream: str


@dataclass(frozen=True)
class ProxyContainer:
    """One Toxiproxy container. ``own_network``: where its client finds it, and where its ports are published
    from; None when it has no client in the stack and can be published from the others. ``upstream_networks``:
    where it finds the real targets.
    """

    service: str
    client: str
    api_port: int
    proxies: tuple[Proxy, ...]
    own_network: str | None
    upstream_networks: tuple[str, ...]

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.api_port, *(proxy.port for proxy in self.proxies))


@dataclass(frozen=True)
class Topology:
    """``bystanders``: client -> services that keep seeing it directly (with-C exists if anyone needs it)."""

    containers: tuple[ProxyContainer, ...]
    clients: tuple[str, ...]  # real services only
    bystanders: dict[str, tuple[str, ...]]
    with_networks: frozenset[str]  # clients that have a with-C network

    def container_of(self, link: LinkName) -> ProxyContainer:
        """KeyError for a link that the stack does not have."""
        for container in self.containers:
            if any(proxy.link == link for proxy in container.proxies):
                return container
        raise KeyError(str(link))


def link_network(client: str) -> str:
    return f"link-{client}"


def with_network(client: str) -> str:
    return f"with-{client}"


def real_name(target: str) -> str:
    """The name under which only Toxiproxy dials a target."""
    return f"{target}.real"


def plan_topology(stack: Stack, compose: ComposeFile) -> Topology:
    """Raises ``BadInput`` with every service that a link, a lever or a probe names and the compose file
    lacks.
    """
    _refuse_impossible(stack, compose)
    targets: dict[str, list[LinkName]] = {}
    for link in stack.link_names():
        targets.setdefault(link.client, []).append(link)
    clients = tuple(client for client in targets if client != CLIENTS)
    bystanders = {
        client: tuple(
            name
            for name, service in compose.services.items()
            if name not in clients
            and name not in {link.target for link in targets[client]}
            and service.network_mode is None
            and set(service.networks) & set(compose.services[client].networks)
        )
        for client in clients
    }
    dialled = {link.target for link in stack.link_names()}
    with_networks = frozenset(client for client in clients if bystanders[client] or client in dialled)
    containers = [
        container
        for client, links in targets.items()
        for container in _containers(client, links, stack, compose, clients)
    ]
    return Topology(tuple(containers), clients, bystanders, with_networks)


def _containers(
    client: str, links: list[LinkName], stack: Stack, compose: ComposeFile, clients: tuple[str, ...]
) -> list[ProxyContainer]:
    groups: list[list[LinkName]] = []
    for link in links:
        port = stack.port_of(link)
        free = next((g for g in groups if all(stack.port_of(other) != port for other in g)), None)
        if free is None:
            groups.append([link])
        else:
            free.append(link)
    containers = []
    for number, group in enumerate(groups, start=1):
        ports = {stack.port_of(link) for link in group}
        networks: dict[str, None] = {}
        for link in group:
            if link.target in clients:
                networks[with_network(link.target)] = None
            else:
                networks.update(dict.fromkeys(compose.services[link.target].networks))
        containers.append(
            ProxyContainer(
                service=_free_name(f"toxiproxy-{client}" + (f"-{number}" if number > 1 else ""), compose),
                client=client,
                api_port=next(port for port in range(_API_PORT, 65536) if port not in ports),
                proxies=tuple(Proxy(link, stack.port_of(link), real_name(link.target)) for link in group),
                own_network=link_network(client)
                if client in clients or set(networks) <= compose.internal
                else None,
                upstream_networks=tuple(networks),
            )
        )
    return containers


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
                f"service {name}, which {where} of stack.yaml names, needs the Compose profile {profiles}"
            )
            fix = f"say `profile:` of {name} in stack.yaml, or activate it with `profiles:` in the scenario"
            problems.append(Problem.about(stack.compose, message, fix))
        elif name not in compose.services and name not in compose.dormant:
            message = f"no service {name}, which {where} of stack.yaml names; there are: {known}"
            problems.append(Problem.about(stack.compose, message))
    for link in stack.link_names():
        for name in (link.client, link.target):
            service = compose.services.get(name)
            if service is not None and service.network_mode is not None:
                problems.append(
                    Problem(
                        stack.compose,
                        0,
                        0,
                        f"service {name} has network_mode {service.network_mode}: no proxy fits on {link}",
                        "give it a network, or take the link out of stack.yaml",
                    )
                )
    if problems:
        raise BadInput(dict.fromkeys(problems))
