"""One run's part in a stack that several runs use one after the other."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chaos.adapters.stack.condition import Condition, differing
from chaos.adapters.stack.sweep import LabelledResources
from chaos.timing import Clock


class OneStack(Protocol):
    """The stack itself."""

    async def up(self, deadline: float) -> None: ...
    async def down(self) -> object: ...
    async def left_over(self) -> LabelledResources: ...
    async def discard_offsite(self) -> str: ...
    async def logs(self, folder: Path, since: float | None = None) -> None: ...
    def own_services(self) -> tuple[str, ...]: ...


@dataclass
class StandingStack:
    """A stack, and what is known about it between two runs.

    ``start_seconds``: how long its start took; None while it does not run. ``kept_at``: the monotonic instant
    at which the last run left it unchanged; None: the last run did not, so the next one may not use it.
    ``used_by``: ids of the runs on it. ``why``: how the last run changed it; empty: it left it unchanged.
    """

    stack: OneStack
    read_condition: Callable[[], Awaitable[Condition]]
    clock: Clock
    start_seconds: float | None = None
    kept_at: float | None = None
    used_by: tuple[str, ...] = ()
    why: str = ""

    async def start(self, deadline: float) -> None:
        """Raises ``StackProblem``."""
        began = self.clock.mono()
        await self.stack.up(deadline)
        self.start_seconds = self.clock.mono() - began

    async def remove(self) -> object:
        """Idempotent. Returns what is left."""
        self.start_seconds, self.kept_at = None, None
        return await self.stack.down()


class LentStack:
    """The ``StackPort`` and the ``HandoverPort`` of one run; ``last``: no other run follows on this stack.

    ``forgets``: real seconds after which no alert rule sees data of an earlier run.
    """

    def __init__(self, standing: StandingStack, run_id: str, forgets: float, last: bool) -> None:
        self._standing = standing
        self._run_id = run_id
        self._last = last
        self._began = standing.clock.wall()
        self._warm = standing.kept_at is not None
        self._forgotten_at = -math.inf if standing.kept_at is None else standing.kept_at + forgets
        self._before: Condition = {}
        self._present = LabelledResources()
        self._kept = False

    async def up(self, deadline: float) -> None:
        """Start it unless it is running."""
        standing = self._standing
        standing.used_by = (*standing.used_by, self._run_id)
        if standing.kept_at is None:
            await standing.start(deadline)
        standing.kept_at, standing.why = None, "it did not finish"
        self._before = await standing.read_condition()
        self._present = await standing.stack.left_over()

    def forgotten_at(self) -> float:
        """See ``HandoverPort``."""
        return self._forgotten_at

    async def differences(self) -> tuple[str, ...]:
        """See ``HandoverPort``."""
        if not self._before:
            return ("it was not started",)
        return differing(self._before, await self._standing.read_condition())

    def leave(self, at: float, differences: Sequence[str]) -> bool:
        """See ``HandoverPort``."""
        self._standing.why = "; ".join(differences)
        self._kept = not differences and not self._last
        self._standing.kept_at = at if self._kept else None
        return self._kept

    async def down(self) -> object:
        """Remove it. Not called if the stack is kept."""
        return await self._standing.remove()

    async def left_over(self) -> LabelledResources:
        """For a stack that is kept: only what was not there when this run began."""
        now = await self._standing.stack.left_over()
        before = self._present if self._kept else LabelledResources()
        return LabelledResources(
            _more(now.containers, before.containers),
            _more(now.networks, before.networks),
            _more(now.volumes, before.volumes),
        )

    async def discard_offsite(self) -> str:
        return await self._standing.stack.discard_offsite()

    async def logs(self, folder: Path) -> None:
        """On a warm stack: only what was logged since this run began."""
        await self._standing.stack.logs(folder, self._began if self._warm else None)

    def own_services(self) -> tuple[str, ...]:
        return self._standing.stack.own_services()


def _more(now: tuple[str, ...], before: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in now if name not in before)
