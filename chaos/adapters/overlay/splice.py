"""The override that turns a plain compose project into one run of the harness. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable

from chaos.adapters.overlay.compose_file import ComposeFile, ProjectService
from chaos.adapters.overlay.data import bind, foreign_networks, mounts_of, own_data, private
from chaos.adapters.overlay.http_proxy import http_proxy
from chaos.adapters.overlay.override import OverrideTag, ResetTag, Value
from chaos.adapters.overlay.topology import (
    ProxyContainer,
    Topology,
    direct_network,
    link_network,
    real_name,
)
from chaos.adapters.overlay.udp_relay import udp_relay
from chaos.adapters.overlay.wiring import Wiring
from chaos.local_target import LOCAL
from chaos.model.stack import CLIENTS, HttpCall, LinkName, Stack

CONFIG_PATH = "/gameday-proxies.json"
# A dead target has no name, so the lookup waits for outside resolvers. Toxiproxy dials in its accept loop, so
# every command on that proxy waits as long: 10 s measured behind a resolver that does not answer, 2 s with
# these. With one attempt, a machine that stands still for a second breaks a client's connection.
LOOKUPS = ("timeout:1", "attempts:2", "ndots:0")
DIALS = {"net.ipv4.tcp_syn_retries": "1"}  # else a dial to a dead address hangs for two minutes; so 3 s


def project_name(run_id: str) -> str:
    return f"gameday-{run_id}"


def wanted_ports(
    stack: Stack, topology: Topology, calls: Iterable[HttpCall] = ()
) -> tuple[tuple[str, int], ...]:
    """(service, container port) of everything that gameday dials: all proxies, their APIs, Prometheus,
    Alertmanager and the sink of its notifications, levers, stores of ledgers, and what else it ``calls``.
    """
    wanted = [(container.service, port) for container in topology.containers for port in container.ports]
    wanted += [(proxy.service, proxy.api_port) for proxy in topology.http]
    if stack.prometheus:
        wanted.append((stack.prometheus.service, stack.prometheus.port))
    if stack.alertmanager and (sink := stack.alertmanager.notifications):
        wanted.append((sink.service, sink.port))
        wanted.append((stack.alertmanager.service, stack.alertmanager.port))
    actions = [action for lever in stack.levers.values() for action in lever.actions.values()]
    stores = [store for ledger in stack.ledgers.values() for store in ledger.stores.values()]
    declared = [*(action.http for action in actions), *(store.http for store in stores)]
    for call in (*(http for http in declared if http is not None), *calls):
        port = call.port or link_port(stack, call.service)
        if port is not None:
            wanted.append((call.service, port))
    return tuple(dict.fromkeys(wanted))


def fixed_ports(stack: Stack, topology: Topology) -> dict[tuple[str, int], int]:
    """``expose:`` of stack.yaml: host port of the first link to a service, from outside if there is one."""
    fixed = {}
    for service, host_port in stack.expose.items():
        links = [link for link in stack.link_names() if link.target == service]
        links.sort(key=lambda link: link.client != CLIENTS)
        if links:
            fixed[(topology.container_of(links[0]).service, stack.port_of(links[0]))] = host_port
        elif stack.prometheus and stack.prometheus.service == service:
            fixed[(service, stack.prometheus.port)] = host_port
    return fixed


def link_port(stack: Stack, service: str) -> int | None:
    """The port of the first link to ``service``, None without such a link."""
    return next((stack.port_of(link) for link in stack.link_names() if link.target == service), None)


def proxy_config(container: ProxyContainer) -> str:
    """The JSON that Toxiproxy reads at start. The first proxy of a link has the link's name."""
    return json.dumps(
        [
            {
                "name": proxy.name,
                "listen": f"0.0.0.0:{proxy.port}",
                "upstream": f"{proxy.upstream}:{proxy.port}",
                "enabled": True,
            }
            for proxy in container.proxies
        ],
        indent=2,
    )


def splice(compose: ComposeFile, topology: Topology, wiring: Wiring) -> dict[str, Value]:
    """The whole override document."""
    services: dict[str, Value] = {
        name: _service(service, compose, topology, wiring) for name, service in compose.services.items()
    }
    for name in compose.dormant:  # a command may still start one, as part of the run
        services[name] = {"labels": OverrideTag(dict(wiring.labels))}
    for container in topology.containers:
        services[container.service] = _toxiproxy(container, compose, topology, wiring)
    for proxy in topology.http:
        services[proxy.service] = http_proxy(proxy, wiring, _published(proxy.service, wiring))
    for relay in topology.udp:
        services[relay.service] = udp_relay(relay, wiring)
    networks: dict[str, Value] = {
        # A fixed range of addresses would be the same for every run, and for the owner's own copy.
        key: private(key, wiring) | ({"ipam": ResetTag()} if key in compose.addressed else {})
        for key, own in compose.networks.items()
        if own
    }
    networks |= {key: OverrideTag(private(key, wiring)) for key in foreign_networks(compose, wiring)}
    added = [container.own_network for container in topology.containers if container.own_network]
    added += [direct_network(place) for place in range(len(topology.networks.direct))]
    for key in dict.fromkeys(added):
        networks[key] = private(key, wiring)
    volumes: dict[str, Value] = {
        key: private(key, wiring) | _device(key, wiring) for key, own in compose.volumes.items() if own
    }
    foreign = [key for key, own in compose.volumes.items() if not own and f"volume {key}" not in wiring.as_is]
    volumes |= {key: OverrideTag(private(key, wiring)) for key in foreign}
    volumes |= {key: private(key, wiring) for key in own_data(compose, wiring)}
    document: dict[str, Value] = {"services": services, "networks": networks}
    return document | ({"volumes": volumes} if volumes else {})


def _device(volume: str, wiring: Wiring) -> dict[str, Value]:
    """The data folder of an off-site volume; the engine decides for other volumes."""
    if volume not in wiring.offsite:
        return {}
    options: dict[str, Value] = {"type": "none", "o": "bind", "device": wiring.offsite[volume]}
    return {"driver": "local", "driver_opts": options}


def _service(service: ProjectService, compose: ComposeFile, topology: Topology, wiring: Wiring) -> Value:
    labels = dict(wiring.labels)  # in place of the owner's: his Traefik would route to this run's containers
    body: dict[str, Value] = {"labels": OverrideTag(labels) if service.labelled else labels}
    if service.container_name:
        body["container_name"] = ResetTag()  # the name would be the same for every run
    if service.built:
        body["image"] = service.image  # else Compose looks for an image of this run's project
    published = _published(service.name, wiring)
    if published or service.publishes:
        body["ports"] = OverrideTag(published)
    if service.network_mode is None:
        body["networks"] = OverrideTag(_networks(service, topology))
    if service.legacy_links and service.name in topology.clients:
        body["links"] = OverrideTag([])  # their aliases are the proxies' now
    if service.external_links:
        body["external_links"] = OverrideTag([])  # containers of other projects are on no network of the run
    of_the_run = [entry for entry in service.volumes_from if not entry.startswith("container:")]
    if len(of_the_run) < len(service.volumes_from):
        body["volumes_from"] = OverrideTag(of_the_run)  # the data of other containers belongs to their owner
    proxies = [c.service for c in topology.containers if c.client == service.name]
    relays = [relay.service for relay in topology.udp if relay.beside in proxies]
    if proxies:
        # Toxiproxy opens its ports as soon as it runs. A health check would cost as much of the processor as
        # a small service, for as long as the run lasts.
        body["depends_on"] = {name: {"condition": "service_started"} for name in (*proxies, *relays)}
    environment = wiring.environment.get(service.name)
    if environment:
        body["environment"] = dict(environment)
    mounts = mounts_of(service, wiring)
    if mounts:
        body["volumes"] = mounts
    return body


def _networks(service: ProjectService, topology: Topology) -> dict[str, Value]:
    """A client leaves the plain networks for its own and the direct ones; others also join the latter."""
    names = [name for name in service.names() if name != service.name]
    targeted = any(proxy.link.target == service.name for c in topology.containers for proxy in c.proxies)
    alias = [real_name(service.name)] if targeted else []
    direct = {
        direct_network(place): _aliases([*names, *alias])
        for place in topology.networks.direct_of(service.name)
    }
    if service.name in topology.clients:
        return {link_network(service.name): None, **direct}
    # Docker resolves a container's name, which is reset, and from version 25 on its hostname.
    lost = [name for name in (service.container_name, service.hostname) if name and name != service.name]
    return {key: _aliases([*own, *lost, *alias]) for key, own in service.networks.items()} | direct


def _aliases(names: Iterable[str]) -> Value:
    unique = list(dict.fromkeys(names))
    return {"aliases": unique} if unique else None


def _toxiproxy(container: ProxyContainer, compose: ComposeFile, topology: Topology, wiring: Wiring) -> Value:
    aliases: list[str] = []
    client = compose.services.get(container.client)
    for link in dict.fromkeys(proxy.link for proxy in container.proxies) if client else ():
        aliases += compose.services[link.target].names()
        aliases += _legacy_aliases(client, link) if client else []
    networks: dict[str, Value] = dict.fromkeys(container.upstream_networks)
    if container.own_network:
        networks[container.own_network] = _aliases(aliases)
    return {
        "image": wiring.proxy_image,
        "command": [
            "-host=0.0.0.0",
            f"-port={container.api_port}",
            f"-config={CONFIG_PATH}",
            "-proxy-metrics",  # counts the bytes of each proxy, to see whether a broken link was used
        ],
        "restart": "no",
        "labels": dict(wiring.labels),
        "volumes": [bind(wiring.proxy_configs[container.service], CONFIG_PATH)],
        "networks": networks,
        "ports": _published(container.service, wiring),
        "dns_opt": list(LOOKUPS),
        "sysctls": dict(DIALS),
    }


def _legacy_aliases(client: ProjectService, link: LinkName) -> list[str]:
    return [alias for alias, service in client.legacy_links.items() if service == link.target]


def _published(service: str, wiring: Wiring) -> list[Value]:
    return [f"{LOCAL}:{host}:{port}" for (name, port), host in wiring.ports.items() if name == service]
