"""The base of faults inside one server: the service, which must have the role of that server."""

from __future__ import annotations

from typing import ClassVar

from chaos.kinds import Fault
from chaos.model.stack import ServiceRole, Stack


class ServerFault(Fault):
    """A fault inside the container of one service with a certain role."""

    role: ClassVar[ServiceRole]
    fault: str
    service: str

    def services(self) -> tuple[str, ...]:
        return (self.service,)

    def target(self) -> str:
        return self.service

    def stack_problems(self, stack: Stack) -> tuple[tuple[str, str], ...]:
        found = stack.services.get(self.service)
        if found is None or found.role is self.role:
            return ()
        wrong = (
            f"{self.service} has the role {found.role.value}; expected a service of role {self.role.value}"
        )
        return (("service", wrong),)
