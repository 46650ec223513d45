"""``postgres.kill_backends``: the server ends its clients' sessions, as an administrator would."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chaos.errors import ToolProblem
from chaos.faults._inside import ExclusiveResource, inside
from chaos.faults._postgres import PostgresFault, statement
from chaos.faults._repeated import RepeatedFault
from chaos.model.stack import Stack
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement
from chaos.timing import Duration

KEPT = "session_kept"
STATES = {"idle": "state = 'idle'", "all": "true"}
_END = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() "
    "AND application_name NOT LIKE 'gameday-hold-%' AND"  # ``HOLDER``
)


class PostgresKillBackends(RepeatedFault, PostgresFault):
    """End the sessions of all clients, or only idle sessions, again and again while the fault holds.

    Replication and sessions of other faults stay. The undo ends the loop; clients reconnect on their own.

    What a client sees: the next statement on such a connection fails with "terminating connection due to
    administrator command"; with ``which: all`` the one in flight fails too. New connections work.

    What the witness measures: whether a session that the witness leaves idle stays open for ``every`` and one
    second more. It did before, and now the server ends it.
    """

    purpose = "for one turn"
    fault: Literal["postgres.kill_backends"]
    which: Literal["idle", "all"] = Field(default="idle", description="which sessions to end")
    every: Duration = Field(
        default=1.0, ge=0.5, le=30, description="real time from the end of one repetition to the next"
    )

    def exclusive(self, stack: Stack) -> frozenset[str]:
        return frozenset({inside(self.service, ExclusiveResource.SESSIONS)})

    async def measure(self, context: FaultContext) -> Measurement:
        context.repeats.running(self.repetition())  # raises if the loop failed: an error of gameday
        kept = await context.postgres.idle_session(self.service, self.measured_in())
        return Measurement(subject=f"postgres {self.service}", values={KEPT: kept})

    def unfit_baseline(self, before: Measurement) -> str:
        """The server accepted no session of the witness."""
        return "" if before.values[KEPT] is not None else f"{before.subject} accepted no session"

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """An idle session stayed open before the fault, and the server ends it now."""
        return before.values[KEPT] is True and now.values[KEPT] is False

    async def act(self, context: FaultContext) -> None:
        answer = await context.postgres.query(self.service, statement(_END, STATES[self.which]))
        if answer.error:
            raise ToolProblem(f"cannot end the sessions of {self.service}: {answer.error}")

    def repetition(self) -> str:
        return f"end of the sessions of {self.service}"
