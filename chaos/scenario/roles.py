"""Guesses the role of each service of a compose project."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from chaos.model.stack import ServiceRole
from chaos.scenario.compose import ComposeService
from chaos.scenario.entries import health_calls, http_port, may_be_http
from chaos.scenario.known_images import ImageUse, known_service
from chaos.scenario.routed import is_routed

_BY_PORT = {5432: ServiceRole.POSTGRES, 6379: ServiceRole.REDIS}


def first_role(service: ComposeService, jobs: Collection[str]) -> ServiceRole:
    """The role of a service, by its image, else by its ports."""
    known = known_service(service)
    port = http_port(service)
    if is_routed(service) and port is not None:
        return ServiceRole.APP
    if known is not None:
        return known.role if known.role is not ServiceRole.APP or service.published else ServiceRole.HTTP
    if service.name in jobs:
        return ServiceRole.OTHER
    if not service.built and service.ports and set(service.ports) <= set(_BY_PORT):
        return _BY_PORT[service.ports[0]]
    if service.published and port is not None:
        return ServiceRole.APP
    asked = bool(health_calls(service)) or (service.built and bool(service.ports))
    return ServiceRole.HTTP if asked and port is not None else ServiceRole.OTHER


def roles_by_use(
    services: Mapping[str, ComposeService],
    roles: Mapping[str, ServiceRole],
    links: Mapping[str, int],
    http: Mapping[str, Collection[int]],
) -> Iterator[tuple[str, ServiceRole]]:
    """Services that have another role than in ``roles``, because of the ``links`` between services.

    ``http``: service -> its ports that an http:// address of another service names.
    """
    dialled: dict[str, set[int]] = {}
    for link, port in links.items():
        dialled.setdefault(link.partition("->")[2], set()).add(port)
    for name, role in roles.items():
        service, ports = services[name], dialled.get(name, set())
        if role is ServiceRole.OTHER and ports and ports <= set(filter(may_be_http, http[name])):
            yield name, ServiceRole.HTTP
        elif role is ServiceRole.HTTP and ports and not any(map(may_be_http, ports)):
            yield name, ServiceRole.OTHER  # such as a proxy in front of databases
        elif role is ServiceRole.HTTP and not ports and service.words and not service.all_ports:
            known = known_service(service)
            if known is not None and known.use is ImageUse.WEB:
                yield name, ServiceRole.OTHER  # another program of that image, such as one for periodic jobs
