"""``postgres.lock_table``: a table is locked, as by a migration that waits for something."""

from __future__ import annotations

from typing import Literal

from chaos.faults._inside import ExclusiveResource, inside
from chaos.faults._postgres import ANSWERED, OUTCOME, HeldSessions, Table, quoted, statement
from chaos.model.stack import Stack
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement

BLOCKED = "blocked"
PATIENCE = 0.5  # real seconds that the witness waits for the lock
TIMED_OUT = "due to lock timeout"


class PostgresLockTable(HeldSessions):
    """Lock a table against reads and writes in a session that stays open; the undo ends the session.

    The lock is ACCESS EXCLUSIVE. Transactions that use the table when the fault begins delay it.

    What a client sees: statements on the table wait until its own time-out; all others work. After the undo
    the waiting statements continue.

    What the witness measures: a query of the witness on the table. It was answered before; now it waits for
    the lock for half a second without an answer.
    """

    effect = BLOCKED
    fault: Literal["postgres.lock_table"]
    table: Table

    def exclusive(self, stack: Stack) -> frozenset[str]:
        return frozenset({inside(self.service, ExclusiveResource.LOCKS)})

    async def inject(self, context: FaultContext) -> None:
        lock = statement("LOCK TABLE", quoted(self.table), "IN ACCESS EXCLUSIVE MODE")
        await context.postgres.hold(self.service, self.sessions(), 1, "BEGIN", lock)

    def measured_in(self) -> float:
        return PATIENCE

    async def measure(self, context: FaultContext) -> Measurement:
        answer = await context.postgres.query(
            self.service,
            f"SET lock_timeout = '{PATIENCE * 1000:.0f}ms'",
            statement("SELECT 1 FROM", quoted(self.table), "LIMIT 1"),
        )
        seen = BLOCKED if TIMED_OUT in answer.error else answer.error or ANSWERED
        return Measurement(subject=f"table {self.table} of {self.service}", values={OUTCOME: seen})

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """A query was answered before, and waits for the lock now."""
        return before.values[OUTCOME] == ANSWERED and now.values[OUTCOME] == BLOCKED
