"""``redis.readonly``: the Redis has become a replica, as after a failover that went wrong."""

from __future__ import annotations

from typing import Literal

from chaos.faults._inside import ExclusiveResource, inside
from chaos.faults._redis import RefusedWrites
from chaos.model.stack import Stack
from chaos.ports import FaultContext

NOWHERE = ("127.0.0.1", "1")  # a master that does not exist: the replica copies nothing, so the keys stay
NO_MASTER = "NO ONE"


class RedisReadonly(RefusedWrites):
    """Make a Redis the replica of a master that does not answer; the undo restores its old role.

    Keys stay, and do not expire while the fault holds.

    What a client sees: reads work as before; writes get the error READONLY. Connections stay open.

    What the witness measures: a write by the witness. It was accepted before, and gets the error READONLY
    now.
    """

    fault: Literal["redis.readonly"]

    def exclusive(self, stack: Stack) -> frozenset[str]:
        return frozenset({inside(self.service, ExclusiveResource.REPLICATION)})

    def refusal(self) -> str:
        return "READONLY"

    async def inject(self, context: FaultContext) -> None:
        context.originals.keep(self._setting(), await self._master(context))
        await context.redis.call(self.service, "REPLICAOF", *NOWHERE)

    async def revert(self, context: FaultContext) -> None:
        original = context.originals.of(self._setting())
        if original is not None and await self._master(context) != original:
            await context.redis.call(self.service, "REPLICAOF", *original.split())

    async def reverted(self, context: FaultContext) -> bool:
        return context.originals.of(self._setting()) in (None, await self._master(context))

    async def _master(self, context: FaultContext) -> str:
        """The master as ``HOST PORT``, or ``NO ONE``. The reply to ROLE begins with role, host and port."""
        role, *rest = (await context.redis.call(self.service, "ROLE")).splitlines()
        return " ".join(rest[:2]) if role == "slave" else NO_MASTER

    def _setting(self) -> str:
        return f"the master of {self.service}"
