"""``redis.maxmemory``: the Redis has reached its memory limit and evicts nothing."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chaos.faults._inside import ExclusiveResource, inside
from chaos.faults._redis import RefusedWrites
from chaos.model.stack import Stack
from chaos.ports import FaultContext

LIMIT = "maxmemory"
POLICY = "maxmemory-policy"
NO_EVICTION = "noeviction"


class RedisMaxmemory(RefusedWrites):
    """Set the memory limit of a Redis below its usage, without eviction; the undo restores the old limit.

    Keys stay. gameday sets the limit with ``CONFIG SET`` and never writes it to the configuration file.

    What a client sees: reads work as before; commands that need memory get the error OOM.

    What the witness measures: a write by the witness. It was accepted before, and gets the error OOM now.
    """

    fault: Literal["redis.maxmemory"]
    limit_bytes: int = Field(
        default=1, ge=1, le=2**30, description="the memory limit in bytes; less than the server uses"
    )

    def exclusive(self, stack: Stack) -> frozenset[str]:
        return frozenset({inside(self.service, ExclusiveResource.MEMORY)})

    def refusal(self) -> str:
        return "OOM"

    async def inject(self, context: FaultContext) -> None:
        """Set the policy first: with another policy a low limit would evict keys."""
        for name, value in ((POLICY, NO_EVICTION), (LIMIT, str(self.limit_bytes))):
            context.originals.keep(self._setting(name), await self._get(context, name))
            await context.redis.call(self.service, "CONFIG", "SET", name, value)

    async def revert(self, context: FaultContext) -> None:
        for name in (LIMIT, POLICY):
            original = context.originals.of(self._setting(name))
            if original is not None:
                await context.redis.call(self.service, "CONFIG", "SET", name, original)

    async def reverted(self, context: FaultContext) -> bool:
        originals = [(name, context.originals.of(self._setting(name))) for name in (LIMIT, POLICY)]
        return all([value in (None, await self._get(context, name)) for name, value in originals])

    async def _get(self, context: FaultContext, name: str) -> str:
        """The value of a setting. The reply has its name in the first line and its value in the second."""
        reply = await context.redis.call(self.service, "CONFIG", "GET", name)
        return reply.partition("\n")[2].strip()

    def _setting(self, name: str) -> str:
        return f"{name} of {self.service}"
