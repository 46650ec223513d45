"""The secrets of a stack, and how Compose gets them without a file that holds them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from chaos.adapters.overlay.compose_file import ComposeFile
from chaos.adapters.overlay.override import EnvironmentValue
from chaos.adapters.stack.plain_project import plain_files, read_plain
from chaos.engine import EngineAddress
from chaos.errors import GamedayError
from chaos.files import open_file
from chaos.model.plan import Plan
from chaos.redaction import hideable, redact

_MOST_SECRET = 8_192  # bytes of a file; a private key is shorter, and what is longer is a configuration
_SHORTEST_COMPOSED = 6  # characters
_HANDED = "GAMEDAY_HANDED_"  # prefix of the variables that give Compose what no file may contain


def hand_over(
    environment: Mapping[str, Mapping[str, str]], redacted: Iterable[str], secrets: Iterable[str]
) -> tuple[dict[str, dict[str, str | EnvironmentValue]], dict[str, str]]:
    """The environment with a reference instead of each secret, and the values of the references."""
    names, values = set(redacted), tuple(secrets)
    handed: dict[str, str] = {}
    shown: dict[str, dict[str, str | EnvironmentValue]] = {}
    for service, variables in environment.items():
        shown[service] = {}
        for name, value in variables.items():
            if name in names or redact(value, values) != value:
                reference = f"{_HANDED}{len(handed)}"
                handed[reference] = value
                shown[service][name] = EnvironmentValue(reference)
            else:
                shown[service][name] = value
    return shown, handed


def secrets_of(plan: Plan, read: ComposeFile) -> tuple[str, ...]:
    """Values of the variables that stack.yaml wants redacted, and of the project's ``secrets:``. A procedure
    may start a dormant service too.
    """
    services = (*read.services.values(), *read.dormant.values())
    environments: list[Mapping[str, str]] = [service.environment for service in services]
    environments += plan.env.values()
    found = [env[name] for env in environments for name in plan.stack.redact if env.get(name)]
    names = " ".join([plan.stack.stack, *(f"{service.name} {service.image}" for service in services)])
    return hideable([*found, *(one for one in _composed_secrets(read) if one not in names)])


def _composed_secrets(read: ComposeFile) -> Iterator[str]:
    """What the ``secrets:`` of a compose project hold. Not a short word, which would also be hidden where it
    means something else; not a long file, nor a missing one, without which no container starts.
    """
    texts = [os.environ.get(name, "") for name in read.secret_variables]
    for path in read.secret_files:
        with suppress(OSError), open_file(Path(path)) as file:
            held = file.read(_MOST_SECRET + 1)
            texts.append(held.decode("utf-8", "replace") if len(held) <= _MOST_SECRET else "")
    yield from (text for text in map(str.strip, texts) if len(text) >= _SHORTEST_COMPOSED)


async def find_secrets(plan: Plan, engine: EngineAddress) -> tuple[str, ...]:
    """``secrets_of`` before anything else is known of the run.

    The values in a compose file that cannot be read are unknown (``prepare`` will say why): every header that
    stack.yaml sends is then taken for a secret.
    """
    try:
        return secrets_of(plan, await read_plain(plain_files(plan), engine))
    except GamedayError:
        actions = [action for lever in plan.stack.levers.values() for action in lever.actions.values()]
        headers = [action.http.headers for action in actions if action.http is not None]
        headers += [request.headers for load in plan.stack.load.values() for request in load.requests]
        headers += [given for ledger in plan.stack.ledgers.values() for given in ledger.all_headers()]
        return hideable([*plan.given_secrets, *(value for header in headers for value in header.values())])
