"""The base of link faults whose effect only shows with much data."""

from __future__ import annotations

from typing import ClassVar

from chaos.faults._link import OUTCOME, USUAL_MOST, ToxicFault
from chaos.model.stack import ServiceRole, Stack
from chaos.ports import DialOutcome, Exchange, FaultContext
from chaos.timeline.events import Measurement

SECONDS = "seconds"
SENT = "sent_bytes"
RECEIVED = "received_bytes"
PATIENCE = 3.0  # real seconds that an exchange may take in addition to what the fault adds
ASKED = (ServiceRole.APP, ServiceRole.HTTP, ServiceRole.PROMETHEUS, ServiceRole.REDIS)


class BulkToxicFault(ToxicFault):
    """Its witness sends and receives ``size()`` bytes on one connection.

    Five times before the fault: an exchange takes milliseconds then, and one of them may meet a stall of the
    machine.
    """

    baselines: ClassVar[int] = 5
    timed: ClassVar[str] = SECONDS

    fault: str

    def size(self) -> int:
        """Bytes that the witness moves in each direction."""
        raise NotImplementedError

    def added(self) -> float:
        """The least real seconds that the fault adds to the exchange in one direction."""
        return 0.0

    def stack_problems(self, stack: Stack) -> tuple[tuple[str, str], ...]:
        """gameday can request much data from HTTP and Redis targets only."""
        service = stack.services.get(self.link.target)
        if service is None or service.role in ASKED:
            return ()
        roles = ", ".join(role.value for role in ASKED)
        wrong = (
            f"{self.link.target} has the role {service.role.value}: gameday cannot prove there that "
            f"{self.fault} takes effect; expected a target with one of the roles {roles}"
        )
        return (("link", wrong),)

    def measured_in(self) -> float:
        return self.added() * len(self.direction.streams())

    async def look(self, context: FaultContext) -> Measurement:
        seen = await self._exchange(context)
        return Measurement(
            subject=f"link {self.link}",
            values={
                OUTCOME: seen.outcome.value,
                SECONDS: seen.seconds,
                SENT: float(seen.sent),
                RECEIVED: float(seen.received),
            },
        )

    def shows(self, before: Measurement, now: Measurement) -> bool:
        """The exchange was complete before, and now takes longer by at least half of what the fault adds, and
        longer than the second slowest before. It may be incomplete when the witness gives up, if a part of
        the answer has arrived.

        Half, because the server may answer in parts. Noise on one host is far smaller, except in a stall.
        """
        then, here = before.values[SECONDS], now.values[SECONDS]
        if not isinstance(then, float) or not isinstance(here, float):
            return False
        complete = now.values[OUTCOME] == DialOutcome.ANSWERED
        arriving = now.values[OUTCOME] == DialOutcome.TIMEOUT and now.values[RECEIVED] != 0.0
        comparable = before.values[OUTCOME] == DialOutcome.ANSWERED and (complete or arriving)
        most = before.values.get(USUAL_MOST)
        grown = here - then >= self.added() / 2 and not (isinstance(most, float) and here <= most)
        return comparable and grown

    async def struck(self, context: FaultContext) -> bool | None:
        seen = await self._exchange(context)
        return seen.seconds >= self.added() / 2 if seen.outcome is DialOutcome.ANSWERED else None

    async def _exchange(self, context: FaultContext) -> Exchange:
        return await context.links.exchange(self.link, self.size(), self.measured_in() + PATIENCE)
