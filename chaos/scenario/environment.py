"""The variables of a compose project's services, and which of them look secret."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chaos.model.stack import Stack
from chaos.model.variables import Variables
from chaos.scenario.compose import ComposeService
from chaos.scenario.composed.interpolation import UNKNOWN

_PASSWORD = re.compile(r"://[^/\s:@]*:[^/\s@]+@")
_SECRET_NAME = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY", re.IGNORECASE)
_NO_SECRET = re.compile(r"_(FILE|PATH|URL|URI|TTL|SECONDS|MINUTES|EXPIRY|LIFETIME)$", re.IGNORECASE)


def variables_of(stack: Stack, composed: Mapping[str, ComposeService]) -> Variables:
    """The variables of each service: those of its environment, and those that stack.yaml paces.

    None for a service that takes some from elsewhere, or whose list contains a variable itself.
    """
    declared: dict[str, frozenset[str] | None] = {}
    for name, service in composed.items():
        names = frozenset((*(key for key, _ in service.environment), *stack.paced.get(name, ())))
        unknown = service.more_environment or any(UNKNOWN in key for key in names)
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
            if _looks_secret(name, value) and (value or name) not in names and UNKNOWN not in name
        )
    )


def _looks_secret(name: str, value: str) -> bool:
    named = _SECRET_NAME.search(name) and not _NO_SECRET.search(name)
    return bool(named or _PASSWORD.search(value))
