"""Which variables each service has, and to which services ``VAR`` and ``service.VAR`` refer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chaos.model.stack import ServiceRole, Stack
from chaos.suggestions import nearest


@dataclass(frozen=True)
class Variables:
    """``declared``: service -> names of its variables; None: unknown, because an ``env_file:`` adds some.

    ``file``: the name of the file that declares them, for people. gameday refuses a variable that no service
    declares: no service would read it, but the run would be judged as if it had been set.
    """

    file: str
    declared: Mapping[str, frozenset[str] | None]

    def takers(self, stack: Stack, service: str | None, variable: str) -> tuple[str, ...]:
        """The services that get the value: those with the variable, among the named one or else all apps."""
        return tuple(name for name in _meant(stack, service) if self._takes(name, variable))

    def refusal(self, stack: Stack, service: str | None, variable: str) -> tuple[str, str]:
        """The message why no service has the variable, and the fix."""
        which = f"service {service}" if service is not None else "no service of role app"
        has = "has no" if service is not None else "has a"
        message = f"{which} {has} variable {variable!r} in {self.file}"
        asleep = [
            name for name in self.declared if name not in stack.services and self._names(name, variable)
        ]
        if asleep:
            return message, f"{' and '.join(asleep)} has it, and no profile of the scenario starts that"
        near = self._near(stack, service, variable)
        declare = f"declare it there as {variable}: ${{{variable}:-}}"
        fix = f"did you mean {near}? Else {declare}" if near else declare
        return message, fix

    def _names(self, service: str, variable: str) -> bool:
        return variable in (self.declared.get(service) or ())

    def _takes(self, service: str, variable: str) -> bool:
        return self.declared.get(service) is None or self._names(service, variable)

    def _near(self, stack: Stack, service: str | None, variable: str) -> str | None:
        """The same name in another service, else the nearest name of the meant services, else of all."""
        known = {name: self.declared.get(name) or frozenset() for name in stack.services}
        for name in known:
            if self._names(name, variable):
                return f"{name}.{variable}"
        own = {word for name in _meant(stack, service) for word in known[name]}
        near = nearest(variable, sorted(own))
        if near is not None:
            return near if service is None else f"{service}.{near}"
        near = nearest(variable, sorted(word for names in known.values() for word in names))
        return next((f"{name}.{near}" for name, names in known.items() if near in names), None)


def _meant(stack: Stack, service: str | None) -> tuple[str, ...]:
    if service is not None:
        return (service,)
    return tuple(name for name, body in stack.services.items() if body.role is ServiceRole.APP)
