"""The variables of a compose project's services."""

from __future__ import annotations

from collections.abc import Mapping

from chaos.model.stack import Stack
from chaos.model.variables import Variables
from chaos.scenario.compose import ComposeService
from chaos.scenario.composed.interpolation import UNKNOWN


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
