"""The base of PostgreSQL faults: the service, and the names of sessions and tables."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from chaos.faults._server import ServerFault
from chaos.model.stack import ServiceRole
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement

OUTCOME = "query"
ANSWERED = "answered"
HOLDER = "gameday-hold"  # the names of the faults' sessions begin with it

Table = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$",
        description="the table, with its schema if the schema is not on the search path",
    ),
]


class PostgresFault(ServerFault):
    """A fault of one PostgreSQL server. It runs ``psql`` in the container."""

    role: ClassVar[ServiceRole] = ServiceRole.POSTGRES
    service: str = Field(description="a service with the role postgres")


class HeldSessions(PostgresFault):
    """A fault that consists of sessions that stay open. The undo ends them.

    ``effect``: the outcome of the witness's query that shows the effect.
    """

    effect: ClassVar[str] = ANSWERED

    def sessions(self) -> str:
        """The name of the fault's sessions. The instant in it distinguishes two faults of one kind."""
        kind = self.fault.partition(".")[2].replace("_", "-")
        return f"{HOLDER}-{kind}-{self.at:g}".replace(".", "-")

    async def revert(self, context: FaultContext) -> None:
        await context.postgres.release(self.service, self.sessions())

    async def reverted(self, context: FaultContext) -> bool:
        return not await context.postgres.held(self.service, self.sessions())

    def unfit_baseline(self, before: Measurement) -> str:
        """The query ended in another way: neither with the effect nor with an answer."""
        outcome = before.values.get(OUTCOME, ANSWERED)
        return "" if outcome in (ANSWERED, self.effect) else f"{before.subject}: {outcome}"


def statement(*words: str) -> str:
    """SQL text. ``words``: constants, and names from ``quoted``."""
    return " ".join(words)


def quoted(table: str) -> str:
    """A name that matches ``Table`` as a quoted SQL identifier, spelled as in the catalogue."""
    return ".".join(f'"{part}"' for part in table.split("."))
