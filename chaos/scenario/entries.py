"""Where a service speaks HTTP: its port, the path that its health check asks for, and how likely it is the
one that people call.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chaos import digits
from chaos.scenario.compose import ComposeService
from chaos.scenario.composed.interpolation import UNKNOWN
from chaos.scenario.known_images import ImageUse, known_service
from chaos.scenario.routed import routed_port

# Ports that never speak HTTP: SSH, mail, DNS, stores, queues and telemetry.
_MAIL_AND_LOGIN = (21, 22, 23, 25, 53, 110, 143, 389, 465, 587, 636, 993, 995, 1025, 2222, 2525)
_SQL = (1433, 1521, 3306, 5432, 5433, 6432, 26257, 33060)
_STORES = (*_SQL, 6379, 6380, 7687, 9042, 9300, 11211, 26379, 27017)
_QUEUES = (1883, 2181, 2379, 2888, 3888, 4222, 5671, 5672, 6650, 7233, 8883, 9092, 9094, 19092, 29092, 50051)
_OTHERS = (3389, 5222, 5900, 6123, 6667, 7077, 9083, 10050, 10051, 25565, 25575)  # of single products
_TELEMETRY = (4317, 5044, 14250, 24224, 61613, 61616)
_NOT_HTTP = frozenset((*_MAIL_AND_LOGIN, *_STORES, *_QUEUES, *_TELEMETRY, *_OTHERS))
_DEBUGGERS = frozenset((5005, 9101, 9229, 35729))  # of Java, Node and others: never for people
_TLS = frozenset((443, 4443, 8443, 9443))
_USUAL = (80, 8080, 8000, 3000, 5000, 8081, 8888, 4000, 9000)
_OWN_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[::1\]|[^/\s:\"'?#)]+)(?::(?P<port>\d+))?(?P<path>/[^\s\"'|;)<>]*)?"
)
_OWN_BARE = re.compile(
    r"(?<![\w./:@-])(?P<host>localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::(?P<port>\d+))?"
    r"(?P<path>/[^\s\"'|;)<>]*)?(?P<scheme>)"
)
_HTTP_CLIENT = re.compile(r"(?:^|[\s/\"'(`;&|])(?:curl|wget|http|https|httpie|xh|nc_http)(?=\s)")
# Hosts in a health check that it does not call: exceptions from a proxy, and headers.
_NO_CALL = re.compile(
    r"--noproxy[=\s]+\S+|(?:-H|--header)[=\s]+(?:'[^']{0,300}'|\"[^\"]{0,300}\"|[\w-]+:\s*(?!https?://)\S+)|"
    r"\bhost:\s*\S+",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"(?:/dev/tcp/|\bnc\b(?:\s+-\S{1,60}){0,5}\s+)(?:localhost|127\.0\.0\.1|0\.0\.0\.0)[/\s]+(\d+)(?!\w)"
)
_SELF = frozenset(("localhost", "127.0.0.1", "0.0.0.0", "[::1]", "$HOSTNAME", "${HOSTNAME}"))
_LISTENS = re.compile(
    r"(?:--(?:port|http-port|listen-port)[=\s]+|(?:--bind|--listen|--addr|--address|--host|-b|-l)[=\s]+\S*?:|"
    r"(?:runserver|http\.server)\s+(?:\S*?:)?|(?<=\s)-p[=\s]+)(\d{2,5})(?!\d)"
)


@dataclass(frozen=True)
class HealthCall:
    """The request that a health check sends to its own service; ``tls``: over HTTPS."""

    port: int
    path: str
    tls: bool = False


def health_calls(service: ComposeService) -> tuple[HealthCall, ...]:
    """The calls over HTTP that a health check makes to its own service."""
    test = _NO_CALL.sub(" ", service.healthcheck)
    own = {*_SELF, service.name, *service.names}
    found = [match for match in _OWN_URL.finditer(test) if match["host"] in own]
    if not found and _HTTP_CLIENT.search(test):
        found = list(_OWN_BARE.finditer(test))
    found = [match for match in found if match["port"] or match["path"]] or found
    return tuple(_call(match) for match in found)


def _call(match: re.Match[str]) -> HealthCall:
    tls = match["scheme"] == "https"
    port = digits.port(match["port"]) if match["port"] else None
    return HealthCall(port or (443 if tls else 80), _clean(match["path"] or "/"), tls)


def probe_path(service: ComposeService, port: int) -> str:
    """The path that the health check requests at this port; ``/`` if it names none.

    A port that the service declares nowhere else may be a mistake for this one; one for TLS is none.
    """
    calls = health_calls(service)
    same = [call for call in calls if call.port == port]
    undeclared = [call for call in calls if call.port not in service.ports and not call.tls]
    return next((call.path for call in (*same, *undeclared)), "/")


def dialled_ports(service: ComposeService) -> tuple[int, ...]:
    """Ports of its own that a health check opens without a client for HTTP, as Bash and nc do."""
    found = map(digits.port, _OPENS.findall(service.healthcheck))
    return tuple(number for number in found if number is not None)


def command_ports(service: ComposeService) -> tuple[int, ...]:
    """Ports that the service's command says it listens on."""
    found = map(digits.port, _LISTENS.findall(service.words))
    return tuple(number for number in found if number is not None)


def conventional_ports(service: ComposeService) -> tuple[int, ...]:
    """The port in its variable PORT, from which most web frameworks take the port to listen on."""
    given = dict(service.environment).get("PORT", "")
    number = digits.port(given)
    return () if number is None else (number,)


def http_port(service: ComposeService) -> int | None:
    """The port on which it most likely speaks HTTP without TLS, None if no port does.

    That of a router in front comes first, then those that it publishes; then what its health check, its
    command and its image say.
    """
    if (routed := routed_port(service)) is not None:
        return routed
    published = list(_by_likelihood(service, service.published))
    if published or service.published:
        return published[0] if published else None
    known = known_service(service)
    image = [known.port] if known and known.port and known.use in (ImageUse.WEB, ImageUse.TOOL) else []
    asked = [call.port for call in health_calls(service)]
    return next(_by_likelihood(service, (*asked, *service.ports, *command_ports(service), *image)), None)


def speaks_tls(port: int) -> bool:
    """Is this a port on which TLS is usual?"""
    return port in _TLS


def may_be_http(port: int) -> bool:
    """Is this a port at which no other protocol is usual?"""
    return port not in _NOT_HTTP and port not in _TLS


def _by_likelihood(service: ComposeService, ports: tuple[int, ...]) -> Iterator[int]:
    asked = {call.port for call in health_calls(service)}
    known = known_service(service)
    at_80 = {port.inside for port in service.all_ports if port.host == 80}

    def rank(port: int) -> tuple[bool, ...]:
        unlikely = (port not in asked, port in _DEBUGGERS, port in _TLS)
        own = known is not None and known.use is ImageUse.WEB and port == known.port
        return (*unlikely, port not in at_80, not own, port not in _USUAL)

    yield from sorted((port for port in dict.fromkeys(ports) if port not in _NOT_HTTP), key=rank)


def _clean(path: str) -> str:
    """A path that a probe can request: without a query that uses a variable of the container's shell."""
    kept, mark, query = path.partition("&&")[0].partition("#")[0].partition("?")
    if "$" in kept or UNKNOWN in kept or "`" in kept or "\\" in kept:
        return "/"
    return kept if not mark or set(query) & {"$", UNKNOWN, "`", "\\"} else f"{kept}?{query}"
