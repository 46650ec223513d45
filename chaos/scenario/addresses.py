"""Finds addresses in a service's variables and commands, in the forms that clients of stores accept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from chaos import digits
from chaos.scenario.composed.interpolation import UNKNOWN

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
    "rabbitmq": 5672,
    "mysql": 3306,
    "mariadb": 3306,
    "mongodb": 27017,
    "nats": 4222,
    "mqtt": 1883,
    "mqtts": 8883,
    "smtp": 25,
    "smtps": 465,
    "ldap": 389,
    "ldaps": 636,
    "sqlserver": 1433,
    "mssql": 1433,
    "clickhouse": 9000,
    "kafka": 9092,
    "memcached": 11211,
    "bolt": 7687,
    "neo4j": 7687,
    "pulsar": 6650,
    "stomp": 61613,
}
_ADDRESS = re.compile(r"(?P<scheme>[a-zA-Z][\w+.-]{0,60})://(?P<authority>[^/\s\"'?#;]+)")
_MOST_NAME = 200  # characters of a variable's name that are looked at
_WORD_EDGE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[.:-]+")  # in redisHost, spring.redis.host
_HOST_NAME = re.compile(
    r"(?:^|_)(?:\w{0,60}HOSTS?|HOST_?NAME|\w{0,60}SERVERS?|(?:CONTACT_?)?POINTS?|ADDR|ADDRS|ADDRESS|ADDRESSES|BROKERS?|BOOTSTRAP\w*|NODES?|"
    r"SEEDS?|ENDPOINTS?|UPSTREAMS?|BACKENDS?)$",
    re.IGNORECASE,
)
# Variables that name services without dialling them: who may call, and under which names one is called.
_NO_CALL = re.compile(
    r"(?:^|_)(?:ALLOWED|TRUSTED|CORS|ORIGINS?|NO_PROXY|\w{0,60}VHOSTS?|VIRTUAL_HOST|LETSENCRYPT_HOST)(?:_|$)|(?:^|_)IMAGE(?:_NAME)?$",
    re.IGNORECASE,
)
# Variables with a word of the application's own, such as the name of a database or of a driver.
_OWN_WORD = re.compile(
    r"(?:^|_)(?:\w{0,60}USER|USERNAME|\w{0,60}PASS|\w{0,60}PASSWORD|PASSWD|SECRET|TOKEN|KEY|NAME|DB|DBNAME|DATABASE|SCHEMA|"
    r"KIND|TYPE|MODE|ENV|ENVIRONMENT|ROLE|PROFILES?|ACTIVE|TAG|VERSION|GROUP|TOPIC|QUEUE|BUCKET|VENDOR|"
    r"ENGINE|CLIENT|DRIVER|ADAPTER|DIALECT|STORE|PROVIDER|LEVEL|ID|PREFIX|ENABLED?|LABEL|TITLE|REALM|APP)$",
    re.IGNORECASE,
)
_IS_ADDRESS = re.compile(r"(?:^|_)(?:URL|URI|DSN|CONNECTION(?:_STRING)?)$", re.IGNORECASE)
_HOST_WORD = re.compile(r"(HOST_?NAME|HOST|SERVER|ADDRESS|ADDR)(?=[^A-Za-z]*$)", re.IGNORECASE)
_SEPARATORS = re.compile(r"[,;|\s]+")
# A word that introduces a host: libpq's host=, .NET's Server= and Data Source=, options such as --db-host and
# -h, Java's -Dredis.host=, JSON's "host":, PHP's define('REDIS_HOST', and Ruby's ['db_host'] =
_OPTION = r"[\w.-]{0,60}[-._]"
_BEFORE_KEY = r"(?:^|[;,{\[(\s\"'-])"
_AFTER_KEY = r"[\"'\])]*\s*(?:=>|[=:,\s])\s*[\"'(]?"
_HOST_KEY = re.compile(
    rf"(?:{_BEFORE_KEY}(?:(?P<option>{_OPTION})?(?:host(?:name)?|hostaddr|server|address|addr)|data source)"
    rf"{_AFTER_KEY}|(?:^|\s)-h\s+)(?:tcp:)?",
    re.IGNORECASE,
)
_SHORT_PORT = re.compile(r"(?:^|\s)-(?:P\s*|p\s+)(\d+)(?!\S)")  # beside -h HOST; -pWORD is a password
_HOSTS = re.compile(r"[^\s;\"')}\]]{0,1000}")
# Programs that take a host and a port as two words, and Bash's own /dev/tcp/HOST/PORT.
_TWO_WORDS = r"(?:\b(?:nc|ncat|telnet|slaveof|replicaof)\b(?:\s+-\S{1,60}(?:\s+\d+(?=\s))?){0,5}|/tcp)[\s/]+"


def mentions_of(
    names: Iterable[str], variables: Iterable[tuple[str, str]], words: str
) -> Iterator[int | None]:
    """The port of each address of one of the ``names``, by default its scheme's; None: unknown.

    ``variables``: name and value of each. ``words``: a command. Names of hosts have no case.
    """
    given = tuple((name, value) for name, value in variables if not _NO_CALL.search(_in_words(name)))
    by_name = {name.upper(): value for name, value in given}
    for target in names:
        for name, value in given:
            if target.lower() in value.lower():
                yield from _in_text(target, value)
                yield from _in_variable(target, name, value, by_name)
        if target.lower() in words.lower():
            yield from _in_text(target, words)


def http_ports(names: Iterable[str], variables: Iterable[tuple[str, str]], words: str) -> Iterator[int]:
    """The ports at which addresses with the scheme http:// or ws:// dial one of the ``names``."""
    wanted = {name.lower() for name in names}
    for name, value in (*variables, ("", words)):
        if "://" not in value or _NO_CALL.search(_in_words(name)):
            continue
        for match in _ADDRESS.finditer(value):
            host, _, port = match["authority"].rpartition("@")[2].partition(":")
            if host.lower() in wanted and match["scheme"].lower() in ("http", "ws"):
                number = _port(port) if port else _SCHEME_PORTS["http"]
                yield from () if number is None else (number,)


def dials_udp(names: Iterable[str], variables: Iterable[tuple[str, str]], words: str) -> bool:
    """Does an address with the scheme udp:// dial one of the ``names``?"""
    texts = " ".join([*(value for _, value in variables), words]).lower()
    return any(f"udp://{name.lower()}:" in texts for name in names)


def bare_names(names: Iterable[str], variables: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Variables whose whole value is one of the ``names``, without those that hold another kind of word."""
    wanted = {name.lower() for name in names}
    for name, value in variables:
        key = _in_words(name)
        if value.strip("\"' ").lower() in wanted and not (_OWN_WORD.search(key) or _NO_CALL.search(key)):
            yield name


def hides_host(name: str, value: str) -> bool:
    """Does a variable without a value stand where this variable would name a host?"""
    key = _in_words(name)
    if UNKNOWN not in value or _NO_CALL.search(key):
        return False
    addresses = [match["authority"].rpartition("@")[2] for match in _ADDRESS.finditer(value)]
    if addresses:
        return any(host.partition(":")[0] == UNKNOWN for host in addresses)
    is_address = _HOST_NAME.search(key) or _IS_ADDRESS.search(key)
    return bool(is_address) and value.partition(":")[0] == UNKNOWN


def _in_words(name: str) -> str:
    """The end of the name of a variable, with underscores between its words."""
    return _WORD_EDGE.sub("_", name[-_MOST_NAME:])


def _in_text(target: str, value: str) -> Iterator[int | None]:
    rest = value
    for match in _ADDRESS.finditer(value):
        rest = rest.replace(match[0], " ")
        if match["scheme"].lower() == "udp":
            continue
        default = _SCHEME_PORTS.get(match["scheme"].lower().partition("+")[0])
        authority = match["authority"].rpartition("@")[2]
        inner = re.match(r"\w+\((.*?)\)", authority)  # user:pw@tcp(host:port)
        for place in (inner[1] if inner else authority).split(","):
            host, _, port = place.partition(":")
            if place.startswith("["):  # an IPv6 address
                host, _, port = place[1:].partition("]")
                port = port.lstrip(":")
            if host.rstrip(")").lower() == target.lower():
                yield _port(port) if port else default
    name = rf"\[{re.escape(target)}\]" if ":" in target else re.escape(target)
    beside = (
        rf"(?:^|[/@,;=(\[\s\"']|tcp:){name}(?:\\\w{{1,60}})?[:,](\d+)(?!\w|\.\d)"  # also SERVER\INSTANCE,PORT
    )
    yield from (digits.port(port) for port in re.findall(beside, rest, re.IGNORECASE))
    two_words = rf"{_TWO_WORDS}{name}[\s/]+(\d+)(?!\w)"
    yield from (digits.port(port) for port in re.findall(two_words, rest, re.IGNORECASE))
    yield from _after_key(target.lower(), rest)


def _after_key(target: str, text: str) -> Iterator[int | None]:
    """Hosts behind a word for them. The port has the same word, and stands before that of the next host."""
    keys = list(_HOST_KEY.finditer(text))
    for key, following in pairwise([*keys, None]):
        assert key is not None  # only the last one is
        listed = _HOSTS.match(text, key.end())
        hosts = listed[0].lower().split(",") if listed else []
        if target not in hosts or "".join(hosts[hosts.index(target) + 1 :][:1]).isdigit():
            continue  # HOST,PORT was found already
        wanted = _SHORT_PORT if key[0].strip() == "-h" else _port_key(key["option"] or "")
        port = wanted.search(text, key.end(), following.start() if following else len(text))
        if port is None and len(keys) == 1:
            port = wanted.search(text)
        yield digits.port(port[1]) if port else None


def _port_key(option: str) -> re.Pattern[str]:
    return re.compile(rf"{_BEFORE_KEY}{re.escape(option)}port{_AFTER_KEY}(\d+)", re.IGNORECASE)


def _port(text: str) -> int | None:
    """The port at the beginning of ``text``, which may go on with a bracket."""
    found = re.match(r"\d+(?![\w.])", text)
    return digits.port(found[0]) if found else None


def _in_variable(target: str, name: str, value: str, by_name: Mapping[str, str]) -> Iterator[int | None]:
    """A variable such as DB_HOST that is the bare name, with its port in DB_PORT; lists of bare names too."""
    listed = [one.strip("\"'[]").lower() for one in _SEPARATORS.split(value)]
    if target.lower() not in listed or not _HOST_NAME.search(_in_words(name)):
        return
    beside = _HOST_WORD.sub("PORT", name).upper()
    port = by_name.get(beside, "") if beside != name.upper() else ""
    yield digits.port(port)
