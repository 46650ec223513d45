"""``--env``: variables for the services of the run's stack, such as the switch of a broken variant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from chaos.errors import BadInput, Problem
from chaos.model.stack import Role, Stack

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def parse_env(
    words: Sequence[str], stack: Stack, given: Mapping[str, str] = MappingProxyType({}), file: str = ""
) -> dict[str, dict[str, str]]:
    """Service -> variable -> value, from words such as ``VAR=value`` and ``service.VAR=value``; ``given``
    is what ``env:`` of the scenario in ``file`` says, and ``words`` come after it.

    The first goes to every service of role app, the second to the one that it names. BadInput for an
    unknown service, a word without ``=``, a bad name, or nobody of role app to give it to.
    """
    found: dict[str, dict[str, str]] = {}
    problems: list[Problem] = []
    written = [(f"{name}={value}", f"{file}: env") for name, value in given.items()]
    for word, place in [*written, *((word, f"--env {word}") for word in words)]:
        name, equals, value = word.partition("=")
        service, dot, variable = name.rpartition(".")
        targets = [service] if dot else [s for s, body in stack.services.items() if body.role is Role.APP]
        message = _wrong(stack, equals, service if dot else None, variable, targets)
        if message:
            problems.append(Problem(place, 0, 0, message))
            continue
        for target in targets:
            found.setdefault(target, {})[variable] = value
    if problems:
        raise BadInput(problems)
    return found


def _wrong(stack: Stack, equals: str, service: str | None, variable: str, targets: list[str]) -> str:
    if not equals:
        return "expected VARIABLE=value or service.VARIABLE=value"
    if service is not None and service not in stack.services:
        return f"unknown service {service!r}; known: {', '.join(sorted(stack.services))}"
    if not _VARIABLE.fullmatch(variable):
        return f"{variable!r} is no name of a variable"
    return "" if targets else "no service of this stack has role app; write service.VARIABLE=value"
