"""``--env``: variables for the services of the run's stack, such as the switch of a broken variant."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from chaos.errors import BadInput, Problem
from chaos.model.stack import ServiceRole, Stack
from chaos.model.variables import Variables

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def parse_env(
    words: Sequence[str],
    stack: Stack,
    variables: Variables,
    given: Mapping[str, str] = MappingProxyType({}),
    file: str = "",
) -> dict[str, dict[str, str]]:
    """Service -> variable -> value, from words such as ``VAR=value`` and ``service.VAR=value``; ``given``
    is what ``env:`` of the scenario in ``file`` says, and ``words`` come after it.

    The first goes to every service of role app that has the variable, the second to the one that it names.
    BadInput for an unknown service, a word without ``=``, a bad name, or a variable that no service takes.
    """
    found: dict[str, dict[str, str]] = {}
    problems: list[Problem] = []
    written = [(f"{name}={value}", f"{file}: env") for name, value in given.items()]
    for word, place in [*written, *((word, f"--env {word}") for word in words)]:
        name, equals, value = word.partition("=")
        service, dot, variable = name.rpartition(".")
        wrong = _wrong(stack, variables, equals, service if dot else None, variable)
        if wrong is not None:
            problems.append(Problem.about(place, *wrong))
            continue
        for target in variables.takers(stack, service if dot else None, variable):
            found.setdefault(target, {})[variable] = value
    if problems:
        raise BadInput(problems)
    return found


def _wrong(
    stack: Stack, variables: Variables, equals: str, service: str | None, variable: str
) -> tuple[str, str] | None:
    """What is wrong and what to do, None if nothing is."""
    if not equals:
        return "expected VARIABLE=value or service.VARIABLE=value", ""
    if service is not None and service not in stack.services:
        return f"unknown service {service!r}; known: {', '.join(sorted(stack.services))}", ""
    if not _VARIABLE.fullmatch(variable):
        return f"{variable!r} is not a valid variable name", ""
    if service is None and all(body.role is not ServiceRole.APP for body in stack.services.values()):
        return "no service of this stack has the role app; write service.VARIABLE=value", ""
    if not variables.takers(stack, service, variable):
        return variables.refusal(stack, service, variable)
    return None
