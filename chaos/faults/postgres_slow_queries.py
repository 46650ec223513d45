"""``postgres.slow_queries``: queries on a table take long, as during a migration in many small steps."""

from __future__ import annotations

from statistics import median
from typing import Literal

from pydantic import Field

from chaos.faults._inside import ExclusiveResource, inside
from chaos.faults._postgres import ANSWERED, OUTCOME, HeldSessions, Table, quoted, statement
from chaos.model.stack import Stack
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement
from chaos.timing import Duration

SECONDS = "seconds"
QUERIES = 3


class PostgresSlowQueries(HeldSessions):
    """Lock a table briefly, again and again, so that each query on it waits; the undo ends this.

    A query waits until the lock is released, and runs before the next lock. This uses hardly any processor
    time.

    What a client sees: each statement on the table takes up to ``delay`` longer, and about ``delay`` longer
    if statements follow each other; all others are as fast as before. None fails, unless its own time-out
    is shorter.

    What the witness measures: the median time of three queries of the witness on the table, as ``psql`` in
    the container measures it. It must have grown by at least half the delay.
    """

    fault: Literal["postgres.slow_queries"]
    table: Table
    delay: Duration = Field(default=0.5, ge=0.1, le=2, description="real time for which to lock the table")

    def exclusive(self, stack: Stack) -> frozenset[str]:
        return frozenset({inside(self.service, ExclusiveResource.LOCKS)})

    async def inject(self, context: FaultContext) -> None:
        turn = statement(
            "LOCK TABLE", quoted(self.table), f"IN ACCESS EXCLUSIVE MODE; PERFORM pg_sleep({self.delay:g});"
        )
        loop = statement("DO $$ BEGIN LOOP", turn, "COMMIT; END LOOP; END $$")
        await context.postgres.hold(self.service, self.sessions(), 1, loop)

    def measured_in(self) -> float:
        """The time of all queries, which run one after the other."""
        return QUERIES * self.delay

    async def measure(self, context: FaultContext) -> Measurement:
        ask = statement("SELECT 1 FROM", quoted(self.table), "LIMIT 1")
        answers = [await context.postgres.query(self.service, ask) for _ in range(QUERIES)]
        times = [answer.seconds for answer in answers if answer.seconds is not None]
        complete = len(times) == QUERIES
        return Measurement(
            subject=f"table {self.table} of {self.service}",
            values={
                OUTCOME: ANSWERED if complete else next(one.error for one in answers if one.error),
                SECONDS: median(times) if complete else None,
            },
        )

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """The median grew by at least half the delay. Half, because a query may come at the end of a lock."""
        then, here = before.values[SECONDS], now.values[SECONDS]
        if not isinstance(then, float) or not isinstance(here, float):
            return False
        return here - then >= self.delay / 2
