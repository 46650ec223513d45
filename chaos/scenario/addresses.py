"""Finds addresses in a service's variables and commands, in the forms that clients of stores accept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from chaos import digits

# Default port of each scheme, for addresses without one; from the scheme's registration or a client's docs.
_SCHEME_PORTS = {
    "postgres": 5432,
    "postgresql": 5432,
    "redis": 6379,
    "rediss": 6379,
    "valkey": 6379,
    "http": 80,
    "https": 443,
    "ws": 80,
    "wss": 443,
    "amqp": 5672,
    "amqps": 5671,
    "mysql": 3306,
    "mariadb": 3306,
    "mongodb": 27017,
    "nats": 4222,
    "mqtt": 1883,
    "smtp": 25,
    "ldap": 389,
    "sqlserver": 1433,
    "mssql": 1433,
    "clickhouse": 9000,
    "kafka": 9092,
    "memcached": 11211,
}
_ADDRESS = re.compile(r"(?P<scheme>[a-zA-Z][\w+.-]{0,60})://(?P<authority>[^/\s\"'?#;]+)")
_HOST_NAME = re.compile(
    r"(?:^|_)(?:\w{0,60}HOSTS?|HOSTNAME|SERVERS?|ADDR|ADDRS|ADDRESS|ADDRESSES|BROKERS?|BOOTSTRAP\w*|NODES?|"
    r"ENDPOINTS?|UPSTREAMS?|BACKENDS?)$",
    re.IGNORECASE,
)
_HOST_WORD = re.compile(r"(HOSTNAME|HOST|SERVER|ADDRESS|ADDR)(?=[^A-Za-z]*$)", re.IGNORECASE)
# A word that introduces a host: libpq's host=, .NET's Server= and Data Source=, options such as --db-host,
# Java's -Dredis.host=
_OPTION = r"[\w.-]{0,60}[-.]"
_HOST_KEY = (
    rf"(?:(?:^|[;\s\"'-])(?:host|hostaddr|server|data source|address|addr|{_OPTION}host)\s*[=\s]\s*(?:tcp:)?)"
)
_PORT_KEY = re.compile(rf"(?:^|[;\s\"'-])(?:port|{_OPTION}port)\s*[=\s]\s*(\d+)", re.IGNORECASE)


def mentions_of(
    names: Iterable[str], variables: Iterable[tuple[str, str]], words: str
) -> Iterator[int | None]:
    """The port of each address of one of the ``names``, by default its scheme's; None: unknown.

    ``variables``: name and value of each. ``words``: a command.
    """
    given = tuple(variables)
    by_name = {name.upper(): value for name, value in given}
    for target in names:
        for name, value in given:
            yield from _in_text(target, value)
            yield from _in_variable(target, name, value, by_name)
        yield from _in_text(target, words)


def _in_text(target: str, value: str) -> Iterator[int | None]:
    rest = value
    for match in _ADDRESS.finditer(value):
        rest = rest.replace(match[0], " ")
        default = _SCHEME_PORTS.get(match["scheme"].lower().partition("+")[0])
        authority = match["authority"].rpartition("@")[2]
        inner = re.match(r"\w+\((.*?)\)", authority)  # user:pw@tcp(host:port)
        for place in (inner[1] if inner else authority).split(","):
            host, _, port = place.partition(":")
            if place.startswith("["):  # an IPv6 address
                host, _, port = place[1:].partition("]")
                port = port.lstrip(":")
            if host == target:
                yield digits.port(port) if port else default
    name = rf"\[{re.escape(target)}\]" if ":" in target else re.escape(target)
    yield from (
        digits.port(port) for port in re.findall(rf"(?:^|[/@,;=(\[\s\"']|tcp:){name}[:,](\d+)(?!\w)", rest)
    )
    if re.search(rf"{_HOST_KEY}{name}(?=[\s;\"']|$)", rest, re.IGNORECASE):
        port = _PORT_KEY.search(rest)
        yield digits.port(port[1]) if port else None


def _in_variable(target: str, name: str, value: str, by_name: Mapping[str, str]) -> Iterator[int | None]:
    """A variable such as DB_HOST that is the bare name, with its port in DB_PORT; lists of bare names too."""
    if not _HOST_NAME.search(name) or target not in [one.strip() for one in value.split(",")]:
        return
    beside = _HOST_WORD.sub("PORT", name).upper()
    port = by_name.get(beside, "") if beside != name.upper() else ""
    yield digits.port(port)
