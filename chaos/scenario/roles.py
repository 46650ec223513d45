"""Guesses the role of each service of a compose project."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from chaos.model.stack import Role
from chaos.scenario.compose import ComposeService
from chaos.scenario.entries import health_calls, http_port, may_be_http
from chaos.scenario.known_images import ImageUse, known_service
from chaos.scenario.routed import is_routed

_BY_PORT = {5432: Role.POSTGRES, 6379: Role.REDIS}


def first_role(service: ComposeService, jobs: Collection[str]) -> Role:
    """The role of a service, by its image, else by its ports."""
    known = known_service(service)
    port = http_port(service)
    if is_routed(service) and port is not None:
        return Role.APP
    if known is not None:
        return known.role if known.role is not Role.APP or service.published else Role.HTTP
    if service.name in jobs:
        return Role.OTHER
    if not service.built and service.ports and set(service.ports) <= set(_BY_PORT):
        return _BY_PORT[service.ports[0]]
    if service.published and port is not None:
        return Role.APP
    asked = bool(health_calls(service)) or (service.built and bool(service.ports))
    return Role.HTTP if asked and port is not None else Role.OTHER


def roles_by_use(
    services: Mapping[str, ComposeService],
    roles: Mapping[str, Role],
    links: Mapping[str, int],
    http: Mapping[str, Collection[int]],
) -> Iterator[tuple[str, Role]]:
    """Services that have another role than in ``roles``, because of the ``links`` between services.

    ``http``: service -> its ports that an http:// address of another service names.
    """
    dialled: dict[str, set[int]] = {}
    for link, port in links.items():
        dialled.setdefault(link.partition("->")[2], set()).add(port)
    for name, role in roles.items():
        service, ports = services[name], dialled.get(name, set())
        if role is Role.OTHER and ports and ports <= set(filter(may_be_http, http[name])):
            yield name, Role.HTTP
        elif role is Role.HTTP and ports and not any(map(may_be_http, ports)):
            yield name, Role.OTHER  # such as a proxy in front of databases
        elif role is Role.HTTP and not ports and service.words and not service.all_ports:
            known = known_service(service)
            if known is not None and known.use is ImageUse.WEB:
                yield name, Role.OTHER  # another program of that image, such as one for periodic jobs
