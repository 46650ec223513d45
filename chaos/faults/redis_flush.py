"""``redis.flush``: the Redis loses all its keys repeatedly."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chaos.faults._inside import ExclusiveResource, inside
from chaos.faults._redis import ACCEPTED, EXPIRY, WITNESS_KEY, RedisFault
from chaos.faults._repeated import RepeatedFault
from chaos.model.stack import Stack
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement
from chaos.timing import Duration

LOST = "key_lost"
LOOK_EVERY = 0.1


class RedisFlush(RepeatedFault, RedisFault):
    """Delete all keys of a Redis immediately, and repeatedly while the fault holds: the cache stays cold.

    The undo ends the deletions. Deleted keys do not come back: if the Redis is more than a cache, declare it
    under ``ledgers`` of the stack.

    What a client sees: connections stay open; every key is missing. After the undo new keys stay.

    What the witness measures: whether a key that the witness writes is still there after ``every`` and one
    second more. It was before, and now it is gone.
    """

    purpose = "to see a deletion"
    fault: Literal["redis.flush"]
    every: Duration = Field(
        default=1.0, ge=0.5, le=60, description="real time from the end of one deletion to the next"
    )

    def exclusive(self, stack: Stack) -> frozenset[str]:
        return frozenset({inside(self.service, ExclusiveResource.KEYS)})

    async def measure(self, context: FaultContext) -> Measurement:
        """Write a key and look for it until it is gone, for at most one turn of the loop."""
        context.repeats.running(self.repetition())  # raises if the loop failed: an error of gameday
        written = await context.redis.call(self.service, "SET", WITNESS_KEY, "1", "PX", EXPIRY) == ACCEPTED
        until, there = context.clock.mono() + self.measured_in(), True
        while written and there and context.clock.mono() < until:
            await context.clock.sleep(LOOK_EVERY)
            there = await context.redis.call(self.service, "EXISTS", WITNESS_KEY) == "1"
        if written and there:
            await context.redis.call(self.service, "DEL", WITNESS_KEY)
        return Measurement(subject=f"redis {self.service}", values={LOST: not there if written else None})

    def took_effect(self, before: Measurement, now: Measurement) -> bool:
        """A key stayed before the fault, and is gone now."""
        return before.values[LOST] is False and now.values[LOST] is True

    async def act(self, context: FaultContext) -> None:
        await context.redis.call(self.service, "FLUSHALL")

    def repetition(self) -> str:
        return f"deletion of all keys of {self.service}"
