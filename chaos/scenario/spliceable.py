"""Reports before a run what no proxy can carry, and what a run does differently from the owner's project."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chaos.errors import Problem
from chaos.model.links import CLIENTS, LinkName
from chaos.model.networking import NetworkPlan, callbacks, plan_networks
from chaos.model.owners import is_engine_socket
from chaos.model.stack import ServiceRole, Stack
from chaos.scenario.addresses import mentions_of
from chaos.scenario.compose import ComposeProject, ComposeService
from chaos.scenario.entries import speaks_tls
from chaos.scenario.places import Document

_HOST = "host"
_SHARED, _OTHERS = "service:", "container:"


def networks_of(
    project: ComposeProject, links: Sequence[LinkName], roles: dict[str, ServiceRole], dormant: frozenset[str]
) -> NetworkPlan:
    """The networks that a run with these links creates, without the services of inactive profiles."""
    attached = {
        name: service.networks
        for name, service in project.services.items()
        if not service.network_mode and name not in dormant
    }
    ports = {name: service.ports for name, service in project.services.items()}
    known = [link for link in links if link.target in attached]
    return plan_networks((*known, *callbacks(known, attached, roles, ports)), attached)


def too_many_networks(stack: Stack, project: ComposeProject, document: Document) -> Iterator[Problem]:
    """A problem if a run needs more networks than the engine has addresses for: its start would fail."""
    dormant = frozenset(name for name, service in project.services.items() if service.profiles)
    awake = stack.with_profiles(())
    roles = {name: service.role for name, service in stack.services.items()}
    count = networks_of(project, awake.link_names(), roles, dormant).count
    if count > stack.networks:
        message = f"a run needs {count} networks, but the engine's address pools hold only {stack.networks}"
        fix = (
            "remove links that you will not break, or give the engine more default-address-pools "
            "(daemon.json) and set `networks: N` here"
        )
        yield document.problem(("links",), message, fix, key=True)


def one_container_needed(stack: Stack, project: ComposeProject, document: Document) -> Iterator[Problem]:
    """gameday dials a service at a host port of its own, which several replicas cannot share."""
    replicated = {name for name, service in project.services.items() if service.replicas > 1}
    calls = [
        (("levers", name, phase), action.http.service)
        for name, lever in stack.levers.items()
        for phase in ("inject", "revert", "readback", "witness")
        if (action := getattr(lever, phase)).http is not None
    ]
    if stack.prometheus is not None:
        calls.append((("prometheus", "service", ""), stack.prometheus.service))
    for loc, service in calls:
        if service in replicated:
            replicas = project.services[service].replicas
            message = f"{service} has {replicas} replicas, and only one of them would answer"
            place = tuple(part for part in loc if part)
            yield document.problem(place, message, "use a service with one container")


def without_containers(stack: Stack, project: ComposeProject, document: Document) -> Iterator[Problem]:
    """A problem for each service that a run would wait for, although Compose starts no container of it."""
    for name in stack.services:
        service = project.services.get(name)
        if service is not None and service.replicas == 0:
            message = f"service {name} has 0 replicas in {stack.compose}, so no container of it runs"
            fix = "remove it and its links here, or give it a replica there"
            yield document.problem(("services", name), message, fix, key=True)


def notes_on(stack: Stack, project: ComposeProject) -> Iterator[str]:
    """Sentences for ``validate``: what a run of this stack cannot carry, and what it does instead."""
    services = project.services
    for name, service in services.items():
        yield from _notes_on_service(name, service)
        yield from _notes_on_engine(service, stack.use_as_is)
    for link in stack.link_names():
        target = services.get(link.target)
        if target is None:
            continue
        if target.udp_ports and link.client != CLIENTS:
            udp = ", ".join(map(str, target.udp_ports))
            yield f"{link}: a fault on the link affects TCP alone; UDP ({udp}) bypasses the proxy"
        if speaks_tls(stack.port_of(link)):
            yield (
                f"{link}: port {stack.port_of(link)} usually speaks TLS, which the proxy passes on without "
                "reading it; gameday's own load and probes speak plain HTTP"
            )
        client = services.get(link.client)
        if client is not None and any(mentions_of(target.addresses, (), client.words)):
            yield f"{link}: {link.client} dials a fixed address, which a run changes; use the service's name"


def _notes_on_engine(service: ComposeService, as_is: Sequence[str]) -> Iterator[str]:
    """A service that commands the engine of this host commands the owner's own containers as well."""
    for mount in service.mounts:
        if not is_engine_socket(mount.target):
            continue
        if mount.read_only or f"bind {mount.source}" in as_is:
            yield (
                f"{service.name}: it has {mount.target} in a run as well, and so reaches the engine of this "
                "host, with your own containers"
            )
        else:
            yield (
                f"{service.name}: a run does not give it {mount.target}, because it could then change your "
                f"own containers; use_as_is: [bind {mount.source}] in stack.yaml gives it the socket"
            )


def _notes_on_service(name: str, service: ComposeService) -> Iterator[str]:
    if service.replicas > 1:
        yield (
            f"{name}: {service.replicas} replicas; a fault on a link hits all of them; gameday refuses a "
            "fault in a container, because it would hit only one replica"
        )
    if service.outside:
        yield f"{name}: a run leaves out containers of other projects: {', '.join(service.outside)}"
    if service.provider:
        yield f"{name}: the provider {service.provider} creates it; a run gets another one, beside your own"
    if service.network_mode == _HOST:
        yield (
            f"{name}: it uses the host's network, so no link can lead to or from it, and it takes the same "
            "ports on this host as your own running copy"
        )
    elif service.network_mode.startswith(_SHARED):
        yield (
            f"{name}: it shares the network of {service.network_mode.partition(':')[2]}, "
            "so its connections pass through the links of that service"
        )
    elif service.network_mode.startswith(_OTHERS):
        yield (
            f"{name}: it joins the network of your container {service.network_mode.partition(':')[2]} "
            "in a run as well, and the run then reaches what that container reaches; give it a network of "
            "the project"
        )
