"""Which variables of a compose project hold secrets, by their names and by their values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from chaos.model.stack import Stack
from chaos.scenario.compose import ComposeService
from chaos.scenario.composed.interpolation import UNKNOWN

_MOST_NAME = 200  # characters of a variable's name that are looked at
_MOST_VALUE = 16_384  # characters of a value that are looked at; a private key is shorter
_WORD_EDGE = re.compile(
    r"(?<=[a-z])(?=[A-Z])|(?<=[a-z][0-9])(?=[A-Z])|[^A-Za-z0-9]+"
)  # in Jwt__Key, clientSecret, xpack.ssl.key
_SECRET_NAME = re.compile(
    r"_\w*(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|APIKEY|API_KEY|CREDENTIALS?|PRIVATE_?KEY|ERLANG_COOKIE|"
    r"(?:ACCESS|AUTH|ENCRYPTION|LICENSE|MASTER|SECRET|SHARED|SIGNING)_?KEYS?|TOKEN)S?(?:_|$)|"
    r"_(?:\w*_)?(?:KEY(?:_V?\d+)?|KEY_BASE|NKEY_SEED|SALT|(?:BASIC|NEO4J|REDIS|REDISCLI)_AUTH)$|_\w*PASS$|_\w+_PWD?$"
)
# The last word says that the value describes a secret, names it or says where it is.
_NO_SECRET = re.compile(
    r"_(?:ALG|ALGORITHM|ATTEMPTS|AUDIENCE|BACKENDS?|CHANGE|CLASS|COLUMN|COUNT|DAYS|DIR|DRIVER|DURATION|ENABLED?|ENDPOINT|"
    r"EXPIRATION|EXPIRES?|EXPIRY|FIELD|FILE|FOLDER|FORMAT|HASHER|HEADER|HOST|HOURS|IN|INTERVAL|ISSUER|LENGTH|LIFETIME|"
    r"LIMIT|MANAGER|MAX|METHOD|MIN|MINUTES|MODE|NAME|PARALLELISM|PATH|POLICY|PORT|PREFIX|PROVIDER|REQUIRED|ROTATION|"
    r"SECONDS|SIZE|STORE|TIMEOUT|TTL|TYPE|UR[IL]|USER|USERNAME|VERSION|ENCRYPTION|AGE|KEY_ID)$|"
    r"_(?:PUBLIC|PUBLISHABLE)(?:_|$)|"
    r"_(?:CACHE|FOREIGN|GROUP|INDEX|OBJECT|PARTITION|PRIMARY|ROUTING|SORT|TRANSLATION)_KEY$|(?:_BY|COM)PASS$"
)
_NO_VALUE = re.compile(r"(?:true|false|yes|no|on|off|null|none|nil|[01])$", re.IGNORECASE)
_PLACE = re.compile(  # of a file
    r"(?:~|\.{0,2})/[\w./@-]*$|[\w.-]+(?:/[\w.-]+)*\.(?:key|pem|crt|p12|pfx|jks|json|txt|ya?ml)$"
)
_SECRET_VALUE = re.compile(
    r"://[^/\s:@]*:[^/\s@]+@|"  # an address with a password
    r"^[^:/\s@]+:[^@\s]+@\w*\(|"  # a Go DSN
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|"
    r"\bBearer\s+[\w.~+/=-]{6,}|"
    # a password in a connection string, a parameter of an address, or JSON
    r"(?:^|[\s;&?,{\"'-])(?:[\w.-]{0,60}[.-])?(?:\w{0,30}password|passwd|pwd|accountkey|sharedaccesskey)[\"']?\s*[=:]\s*[\"']?"
    r"(?!true\b|false\b|null\b|none\b)[^\s;&,\"'}]",
    re.IGNORECASE,
)
_HIDES = re.compile(r"@|\bpass|://[^/\s]*\ufffd", re.IGNORECASE)  # in a DSN


def secret_names(services: Mapping[str, ComposeService], stack: str) -> tuple[str, ...]:
    """Variables that hold a secret, by their name or by their value, in file order.

    Not one whose value is part of a name, as of a database ``postgres`` with the password ``postgres``: to
    hide it would hide that name wherever it stands.
    """
    variables = [one for service in services.values() for one in service.environment]
    return _secrets_among(variables, [stack, *services, *(service.image for service in services.values())])


def given_secret_names(given: Mapping[str, Mapping[str, str]], stack: Stack) -> tuple[str, ...]:
    """As ``secret_names``, among the variables that a run gives: service -> name -> value."""
    return _secrets_among(
        [one for variables in given.values() for one in variables.items()], [stack.stack, *stack.services]
    )


def _secrets_among(variables: Iterable[tuple[str, str]], names: Iterable[str]) -> tuple[str, ...]:
    known = " ".join(names)
    return tuple(
        dict.fromkeys(
            name
            for name, value in variables
            if holds_secret(name, value) and (value or name) not in known and UNKNOWN not in name
        )
    )


def holds_secret(name: str, value: str) -> bool:
    """Does this variable hold a secret? An empty or unknown value may become one; a boolean, a number of
    tokens and the path of a file are none.
    """
    if _SECRET_VALUE.search(value[:_MOST_VALUE]):
        return True
    text, key = value.strip("\"' "), f"_{_WORD_EDGE.sub('_', name[-_MOST_NAME:])}".upper()
    if key.endswith("_DSN"):
        return not text or text == UNKNOWN or bool(_HIDES.search(text))
    if _NO_VALUE.match(text) or _PLACE.match(text) or not _SECRET_NAME.search(key) or _NO_SECRET.search(key):
        return False
    return not (key.endswith("TOKENS") and text.isdecimal())
