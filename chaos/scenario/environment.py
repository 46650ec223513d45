"""What a compose file's environment tells: whom a service dials, its variables, and which look secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from chaos.model.stack import Stack
from chaos.model.variables import Variables
from chaos.scenario.compose import ComposeService

# Ports of addresses that give none, by scheme; from each scheme's registration or its client's documentation.
_SCHEME_PORTS = {
    "postgres": 5432,
    "postgresql": 5432,
    "redis": 6379,
    "rediss": 6379,
    "http": 80,
    "https": 443,
    "amqp": 5672,
    "amqps": 5671,
    "mysql": 3306,
    "mariadb": 3306,
    "mongodb": 27017,
    "nats": 4222,
}
_ADDRESS = re.compile(r"(?P<scheme>[a-zA-Z][\w+.-]*)://(?P<authority>[^/\s\"'?#]+)")
_PASSWORD = re.compile(r"://[^/\s:@]*:[^/\s@]+@")
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"  # stands for a variable that only the user's machine knows
_VARIABLE = re.compile(r"\$\{\w+(?::?-(?P<default>[^}]*))?[^}]*\}")
_SECRET_NAME = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY", re.IGNORECASE)
_NO_SECRET = re.compile(r"_(FILE|PATH|URL|URI|TTL|SECONDS|MINUTES|EXPIRY|LIFETIME)$", re.IGNORECASE)


def mentions_of(target: str, value: str) -> Iterator[int | None]:
    """The port of each address of ``target`` in a value, by default its scheme's; None: unknown."""
    value = _filled(value)
    rest = value
    for match in _ADDRESS.finditer(value):
        rest = rest.replace(match[0], " ")
        default = _SCHEME_PORTS.get(match["scheme"].lower().partition("+")[0])
        for place in match["authority"].rpartition("@")[2].split(","):
            host, _, port = place.partition(":")
            if host == target:
                yield int(port) if port.isdigit() else None if port else default
    yield from (int(match[1]) for match in re.finditer(rf"(?:^|[/@,\s]){re.escape(target)}:(\d+)", rest))


def _filled(value: str) -> str:
    """A value with the defaults of its variables."""
    return _VARIABLE.sub(lambda match: match["default"] or _UNKNOWN, value)


def variables_of(stack: Stack, composed: Mapping[str, ComposeService]) -> Variables:
    """The variables of each service: those of its environment, and those that stack.yaml paces.

    None for a service that takes some from elsewhere, or whose list contains a variable itself.
    """
    declared: dict[str, frozenset[str] | None] = {}
    for name, service in composed.items():
        names = frozenset((*(key for key, _ in service.environment), *stack.paced.get(name, ())))
        unknown = service.more_environment or any("$" in key for key in names)
        declared[name] = None if unknown else names
    return Variables(stack.compose, declared)


def secret_names(services: Mapping[str, ComposeService], stack: str) -> tuple[str, ...]:
    """Variables whose name says that they are secret, or whose address holds a password.

    Not one whose value is part of a name, as of a database ``postgres`` with the password ``postgres``: to
    hide it would hide that name wherever it stands.
    """
    names = " ".join([stack, *services, *(service.image for service in services.values())])
    return tuple(
        dict.fromkeys(
            name
            for service in services.values()
            for name, value in service.environment
            if _looks_secret(name, value) and (_filled(value) or name) not in names
        )
    )


def _looks_secret(name: str, value: str) -> bool:
    named = _SECRET_NAME.search(name) and not _NO_SECRET.search(name)
    return bool(named or _PASSWORD.search(_filled(value)))
