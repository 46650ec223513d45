"""``postgres.exhaust_connections``: no connection is free: "too many clients already"."""

from __future__ import annotations

from typing import Literal

from chaos import digits
from chaos.errors import ToolProblem
from chaos.faults._inside import ExclusiveResource, inside
from chaos.faults._postgres import ANSWERED, OUTCOME, HeldSessions
from chaos.model.stack import Stack
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement

FULL = "too many clients"
FILL_SECONDS = 15.0  # real seconds for opening all sessions; about 3 s on two idle processors
LOOK_EVERY = 0.2
MOST_CONNECTIONS = 200  # each is a process in the container


class PostgresExhaustConnections(HeldSessions):
    """Open sessions until the server refuses more; the undo ends them.

    Sessions that were open before stay. gameday takes a freed connection within a few seconds. The
    server may allow 200 connections at most: each is a process.

    What a client sees: connections in its pool work; a new one is refused with "too many clients
    already", or "remaining connection slots are reserved".

    What the witness measures: whether the server accepts a new session of the witness. It did before; now it
    refuses the session because no connection is free.
    """

    effect = FULL
    fault: Literal["postgres.exhaust_connections"]

    def exclusive(self, stack: Stack) -> frozenset[str]:
        """The fault leaves no connection for the undo of another fault of the server."""
        slots = (ExclusiveResource.CONNECTIONS, ExclusiveResource.LOCKS, ExclusiveResource.SESSIONS)
        return frozenset(inside(self.service, slot) for slot in slots)

    async def inject(self, context: FaultContext) -> None:
        answer = await context.postgres.query(self.service, "SHOW max_connections")
        if answer.full:
            return  # a second injection, or all connections were in use already
        allowed = digits.whole(answer.rows, MOST_CONNECTIONS)
        if allowed is None:
            raise ToolProblem(
                f"{self.service} allows {answer.rows or answer.error} connections; gameday opens at most "
                f"{MOST_CONNECTIONS}: set max_connections lower for the run"
            )
        await context.postgres.hold(self.service, self.sessions(), allowed, "SELECT 1")
        until = context.clock.mono() + FILL_SECONDS
        while not (await context.postgres.query(self.service, "SELECT 1")).full:
            if context.clock.mono() >= until:
                return  # the witness will show that connections are free
            await context.clock.sleep(LOOK_EVERY)

    async def measure(self, context: FaultContext) -> Measurement:
        answer = await context.postgres.query(self.service, "SELECT 1")
        seen = FULL if answer.full else answer.error or ANSWERED
        return Measurement(subject=f"postgres {self.service}", values={OUTCOME: seen})

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """A new session was accepted before, and is refused now because no connection is free."""
        return before.values[OUTCOME] == ANSWERED and now.values[OUTCOME] == FULL
