"""The writers of one ledger: open loop, bounded in flight, every attempt written down before and after."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Coroutine
from typing import Any

from chaos.ledger.caller import Caller
from chaos.ledger.journal import LedgerJournal
from chaos.ledger.writes import RECENT, Choice, Write, Writes
from chaos.open_loop import MOST_WRITES, most_in_flight
from chaos.timeline.ledger import LedgerOp
from chaos.timeline.observations import WriterCounts
from chaos.timing import Clock

ATTEMPTS = 10  # of one write whose fate is unknown
FIRST_BACKOFF = 0.5  # real seconds before it is sent again; doubled each time
LONGEST_BACKOFF = 8.0
REPEAT_AFTER = 0.2  # real seconds after which an acknowledged write is sent once more


class Writer:
    """``run`` writes until ``ending``; cancelling it cuts off the calls under way, which stay unknown."""

    def __init__(
        self,
        name: str,
        rate: float,
        timeout: float,
        writes: Writes,
        caller: Caller,
        journal: LedgerJournal,
        clock: Clock,
    ) -> None:
        """``rate``: new writes a second; those that are sent again have the same bound for themselves.

        ``timeout``: real seconds of one call.
        """
        self._name = name
        self._rate = rate
        self._writes = writes
        self._caller = caller
        self._journal = journal
        self._clock = clock
        self._most = most_in_flight(rate, timeout, MOST_WRITES)
        self._calls: set[asyncio.Task[None]] = set()
        self._again: list[tuple[float, int, int, Write]] = []  # due at, attempt, number: the order of a heap
        self._given: list[Write] = []  # acknowledged, oldest first
        self._failure: BaseException | None = None
        self.planned = 0  # new writes that were due
        self.left_out = 0  # of them those that were never made, because too many were under way

    async def run(self) -> None:
        """Until cancelled. Raises what kept a line from being written."""
        start = self._clock.mono()
        again = asyncio.ensure_future(self._send_again())
        try:
            number = 0
            while self._failure is None and not again.done():
                await self._clock.sleep(start + number / self._rate - self._clock.mono())
                self._arrive(number)
                number += 1
            if again.done():
                again.result()
            if self._failure is not None:
                raise self._failure
        finally:
            again.cancel()

    def counts(self) -> WriterCounts:
        """What was asked for so far."""
        return WriterCounts(ledger=self._name, rate=self._rate, planned=self.planned, left_out=self.left_out)

    async def finish(self, grace: float) -> None:
        """Wait for the calls under way, at most ``grace`` real seconds, and cut off the rest."""
        if self._calls:
            await asyncio.wait(self._calls, timeout=grace)
        for call in tuple(self._calls):
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)

    def _arrive(self, number: int) -> None:
        self.planned += 1
        choice = self._writes.choice(number)
        if len(self._calls) >= self._most:
            self.left_out += 1
            return
        rival = self._rival(choice)
        self._call(self._attempt(self._writes.write(number, rival), 1))
        if choice.observes and self._given:
            recent = self._given[-RECENT:] if choice.look < 0.5 else self._given
            self._call(self._observe(recent[int(choice.pick * len(recent))]))

    def _rival(self, choice: Choice) -> Write | None:
        """An acknowledged write to ask for the very same as; never one that did so itself."""
        if not choice.conflicts or not self._given:
            return None
        return self._given[int(choice.pick * len(self._given))]

    async def _send_again(self) -> None:
        """What is due, one at a time and no faster than new writes come: an outage leaves no storm behind."""
        while True:
            await self._clock.sleep(1.0 / self._rate)
            if self._again and self._again[0][0] <= self._clock.mono() and len(self._calls) < self._most:
                _, attempt, _, write = heapq.heappop(self._again)
                self._call(self._attempt(write, attempt))

    async def _attempt(self, write: Write, attempt: int) -> None:
        self._note(write, "invoked", attempt)
        said = await self._caller.write(write.builtin)
        self._note(write, said.word, attempt, said.detail)
        if said.word == "unknown" and attempt < ATTEMPTS:
            backoff = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2.0 ** (attempt - 1))
            heapq.heappush(self._again, (self._clock.mono() + backoff, attempt + 1, write.number, write))
        if said.word == "acknowledged":
            if not write.conflicts:
                self._given.append(write)
            if write.repeats:
                # At once and once only: sent after an outage, it would bring back what was lost in it.
                await self._clock.sleep(REPEAT_AFTER)
                self._note(write, "invoked", attempt + 1)
                said = await self._caller.write(write.builtin)
                self._note(write, said.word, attempt + 1, said.detail)

    async def _observe(self, write: Write) -> None:
        began, began_mono = self._clock.wall(), self._clock.mono()
        sight = await self._caller.observe(write.id)
        if sight is not None:
            self._journal.write(
                LedgerOp(
                    ledger=self._name,
                    id=write.id,
                    op=sight,
                    at=self._clock.wall(),
                    mono=self._clock.mono(),
                    began=began,
                    began_mono=began_mono,
                )
            )

    def _note(self, write: Write, op: str, attempt: int, detail: str = "") -> None:
        self._journal.write(
            LedgerOp.model_validate(
                {
                    "ledger": self._name,
                    "id": write.id,
                    "op": op,
                    "at": self._clock.wall(),
                    "mono": self._clock.mono(),
                    "attempt": attempt,
                    "values": write.values if (op, attempt) == ("invoked", 1) else {},
                    "detail": detail,
                }
            )
        )

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        call = asyncio.ensure_future(work)
        self._calls.add(call)
        call.add_done_callback(self._ended)

    def _ended(self, call: asyncio.Task[None]) -> None:
        self._calls.discard(call)
        if not call.cancelled() and call.exception() is not None and self._failure is None:
            self._failure = call.exception()
