"""Services that a router in front finds by their labels or variables, and addresses that browsers dial.

No link of the compose file shows either: Traefik and caddy-docker-proxy read labels, nginx-proxy reads
variables, and a web page calls the port that another service publishes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from chaos.scenario.compose import ComposeService

# Labels and variables of the routers' own documentation.
# ``traefik.port`` and ``traefik.frontend.rule`` are those of Traefik 1.
_TRAEFIK_PORT = re.compile(
    r"^traefik\.(?:http\.services\.[^.]+\.loadbalancer\.server\.port|(?:\w+\.)?port)$", re.IGNORECASE
)
_TRAEFIK_ROUTE = re.compile(
    r"^traefik\.(?:http\.(?:routers|services)\.|(?:\w+\.)?frontend\.|backend$)", re.IGNORECASE
)
_CADDY_ROUTE = re.compile(r"^caddy(?:_\d+)?(?:\.\w+)*\.?reverse_proxy$")
_ROUTERS = ("traefik", "nginx-proxy", "caddy-docker-proxy")
_PROXIES = {"nginx", "httpd", "caddy", "traefik", "haproxy", "openresty", "kong", "envoy"}
_CONFIGURATION = re.compile(r"(?:\.(?:conf|cfg|ya?ml|toml|json|template)|^Caddyfile)$")
_CONFIGURATION_FOLDER = re.compile(
    r"/(?:conf(?:ig)?(?:\.d)?|http\.d|templates|sites-\w+|vhosts?(?:\.d)?|dynamic|nginx|caddy|traefik|"
    r"haproxy)/?$"
)
_BROWSER = re.compile(r"(?:https?|wss?)://(?:localhost|127\.0\.0\.1):(\d{2,5})(?!\d)")


def is_routed(service: ComposeService) -> bool:
    """Does a router pass clients' requests on to it?"""
    return any(True for _ in _routes(service))


def routed_port(service: ComposeService) -> int | None:
    """The port that a router dials on it, None if neither labels nor variables name one."""
    return next((port for port in _routes(service) if port), None)


def is_router(service: ComposeService) -> bool:
    """Is it a router that finds services by asking the engine?"""
    last = service.image.partition("@")[0].rpartition("/")[2].partition(":")[0].lower()
    return last in _ROUTERS


def routes_file(service: ComposeService) -> str:
    """The name of the mounted file or folder from which a front proxy reads its routes, "" without one."""
    words = re.split(r"[/:@._ -]", f"{service.image} {service.name}".lower())
    if not set(words) & _PROXIES:
        return ""
    found = [
        mount.source.name
        for mount in service.mounts
        if _CONFIGURATION.search(mount.source.name) or _CONFIGURATION_FOLDER.search(mount.target)
    ]
    return next(iter(found), "")


def called_by_pages(services: Mapping[str, ComposeService]) -> Iterator[tuple[str, str, int]]:
    """(service whose variable has the address, service that publishes its port, port inside)."""
    at = {
        port.host: (name, port.inside)
        for name, service in services.items()
        for port in service.all_ports
        if port.published and port.host is not None and not port.udp
    }
    for name, service in services.items():
        for _, value in service.environment:
            for host in _BROWSER.findall(value):
                found = at.get(int(host))
                if found is not None and found[0] != name:
                    yield name, *found


def _routes(service: ComposeService) -> Iterator[int | None]:
    labels = dict(service.labels)
    if labels.get("traefik.enable", "").lower() != "false":
        for name, value in service.labels:
            if _TRAEFIK_PORT.match(name):
                yield _port(value)
            elif _TRAEFIK_ROUTE.match(name) or (name == "traefik.enable" and value.lower() == "true"):
                yield None
            elif _CADDY_ROUTE.match(name):
                yield _port(value)
    variables = dict(service.environment)
    if variables.get("VIRTUAL_HOST"):
        yield _port(variables.get("VIRTUAL_PORT", ""))


def _port(text: str) -> int | None:
    """The last number of a text such as ``8080`` or ``{{upstreams 8080}}``."""
    found = re.findall(r"(?<![\d.])(\d{2,5})(?![\d.])", text)
    return int(found[-1]) if found else None
