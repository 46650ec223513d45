"""The base of Redis faults: the service, and a write by the witness."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from chaos.faults._server import ServerFault
from chaos.model.stack import ServiceRole
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement

WRITE = "write"
ACCEPTED = "OK"
WITNESS_KEY = "gameday:witness"
EXPIRY = "60000"  # milliseconds: the key expires if the witness cannot delete it


class RedisFault(ServerFault):
    """A fault of one Redis server. It runs ``redis-cli`` in the container."""

    role: ClassVar[ServiceRole] = ServiceRole.REDIS
    service: str = Field(description="a service with the role redis")


class RefusedWrites(RedisFault):
    """A fault that makes the server refuse writes."""

    def refusal(self) -> str:
        """The code of the error that the server answers."""
        raise NotImplementedError

    async def measure(self, context: FaultContext) -> Measurement:
        """Write the key ``gameday:witness`` and delete it. The reading is OK, or the code of the error."""
        reply = await context.redis.call(self.service, "SET", WITNESS_KEY, "1", "PX", EXPIRY)
        if reply == ACCEPTED:
            await context.redis.call(self.service, "DEL", WITNESS_KEY)
        return Measurement(subject=f"redis {self.service}", values={WRITE: reply.partition(" ")[0]})

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """A write was accepted before, and is refused with the error of this fault now."""
        return before.values[WRITE] == ACCEPTED and now.values[WRITE] == self.refusal()
