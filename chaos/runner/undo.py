"""The undo list: registered before each injection, run in reverse, shielded, each with its own deadline,
tried until it succeeds, read back.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from chaos.cancellation import uninterrupted
from chaos.errors import GamedayError
from chaos.kinds import Fault
from chaos.ports import FaultContext
from chaos.timeline.events import FaultReverted

REVERT_DEADLINE = 20.0  # seconds for one undo, including its read-back
READ_BACK_EVERY = 0.1


class UndoList:
    """The faults in place and their undos. ``failed`` names the undos that did not succeed."""

    def __init__(self, context: FaultContext, write: Callable[[FaultReverted], None]) -> None:
        self._context = context
        self._write = write
        self._standing: dict[int, Fault] = {}
        self._deadline = REVERT_DEADLINE
        self._hurried = False
        self._running: set[asyncio.Timeout] = set()
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self.failed: list[str] = []

    def register(self, index: int, fault: Fault) -> None:
        """Call before injecting."""
        self._standing[index] = fault

    @property
    def in_place(self) -> tuple[Fault, ...]:
        """The faults that are not undone yet."""
        return tuple(self._standing.values())

    def shorten_deadlines(self, deadline: float) -> None:
        """From now on each undo gets ``deadline`` real seconds; a running undo gets this time from now."""
        self._deadline = deadline
        self._hurried = True
        now = asyncio.get_running_loop().time()
        for limit in self._running:
            if limit.expired():
                continue  # it is about to end, and cannot be changed any more
            limit.reschedule(min(now + deadline, limit.when() or math.inf))

    async def revert(self, index: int) -> None:
        """Undo one fault, or wait for its undo that is under way; does nothing if it was already undone.

        Runs to its end even if the caller is cancelled.
        """
        if index in self._standing and index not in self._under_way:
            task = asyncio.ensure_future(self._undo(index, self._standing[index]))
            self._under_way[index] = task
            task.add_done_callback(lambda _: self._ended(index))
        if index in self._under_way:
            await uninterrupted(self._under_way[index])

    async def revert_all(self) -> None:
        """Undo what is still in place, the latest first; a failed journal write does not stop the others.

        Runs to its end even if the caller is cancelled.
        """
        await uninterrupted(self._revert_all())

    def _ended(self, index: int) -> None:
        del self._standing[index], self._under_way[index]

    async def _revert_all(self) -> None:
        unwritten: Exception | None = None
        for index in sorted(self._standing, reverse=True):
            try:
                await self.revert(index)
            except Exception as error:
                unwritten = unwritten or error
        if unwritten is not None:
            raise unwritten

    async def _undo(self, index: int, fault: Fault) -> None:
        detail, began = "", self._context.clock.mono()
        attempts = _Attempts(fault, self._context)
        allowed = self._time_for(fault)
        try:
            async with asyncio.timeout(allowed) as limit:
                self._running.add(limit)
                try:
                    while not await attempts.succeeds():
                        if self._context.clock.mono() - began >= allowed:
                            raise TimeoutError
                        await self._context.clock.sleep(READ_BACK_EVERY)
                finally:
                    self._running.discard(limit)
        except TimeoutError:
            detail = f"not undone within {self._time_for(fault):g} s{attempts.last_error()}"
        except Exception as error:  # an undo that breaks must not stop the other undos
            detail = f"{type(error).__name__}: {error}"
        if detail:
            self.failed.append(f"{fault.summary()}: {detail}")
        clock, ok = self._context.clock, not detail
        at, mono = clock.wall(), clock.mono()
        detail = "; ".join(filter(None, (detail, *self._context.repeats.failures())))
        self._write(FaultReverted(at=at, mono=mono, index=index, ok=ok, detail=detail, took=mono - began))

    def _time_for(self, fault: Fault) -> float:
        return self._deadline if self._hurried else self._deadline + fault.undo_delayed_by()


class _Attempts:
    """The attempts to undo one fault. An engine or a server that refuses once may accept the next attempt."""

    def __init__(self, fault: Fault, context: FaultContext) -> None:
        self._fault = fault
        self._context = context
        self._accepted = False
        self._refused: GamedayError | None = None

    async def succeeds(self) -> bool:
        """Undo the fault unless an earlier attempt was accepted, and read the undo back. False: try again."""
        try:
            if not self._accepted:
                await self._fault.revert(self._context)
                self._accepted = True
            done = await self._fault.reverted(self._context)
        except GamedayError as error:
            self._refused = error
            return False
        self._refused = None
        return done

    def last_error(self) -> str:
        """What the last attempt met, to be appended to a message; "" without an error."""
        return f"; at last {type(self._refused).__name__}: {self._refused}" if self._refused else ""
