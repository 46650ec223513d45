"""Writes to one ledger, open loop, with limited calls in flight. Records each attempt before and after it."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Coroutine
from typing import Any, Literal

from chaos.ledger.caller import Caller, Word
from chaos.ledger.journal import LedgerJournal
from chaos.ledger.writes import RECENT, Choice, Write, Writes
from chaos.open_loop import MOST_WRITES, most_in_flight
from chaos.timeline.ledger import LedgerOp
from chaos.timeline.observations import WriterCounts
from chaos.timing import Clock

ATTEMPTS = 10  # at most, of one write whose result is unknown
FIRST_BACKOFF = 0.5  # real seconds before the second attempt; doubled for each further one
LONGEST_BACKOFF = 8.0  # real seconds
REPEAT_AFTER = 0.2  # real seconds from an acknowledgement to the repeated write


class Writer:
    """The writer of one ledger. ``run`` starts calls until it is cancelled, which does not end open calls.

    ``finish`` waits for the open calls and cancels the rest, whose results stay unknown.
    """

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
        """``rate``: new writes a second. Retries come in addition, at most at the same rate.

        ``timeout``: real seconds for one call.
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
        self._failure: BaseException | None = None  # the first exception of a call
        self.planned = 0  # new writes that were due
        self.left_out = 0  # due writes that were not sent, because too many calls were open

    async def run(self) -> None:
        """Write until cancelled. Raises the first exception of a call, such as ``EnvironmentProblem``."""
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
        """The rate, and how many new writes were due and left out so far."""
        return WriterCounts(ledger=self._name, rate=self._rate, planned=self.planned, left_out=self.left_out)

    async def finish(self, grace: float) -> None:
        """Wait at most ``grace`` real seconds for open calls, then cancel the rest."""
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
        """The acknowledged write that this write shall conflict with; None if it shall not, or there is none.

        Writes that conflict are never chosen.
        """
        if not choice.conflicts or not self._given:
            return None
        return self._given[int(choice.pick * len(self._given))]

    async def _send_again(self) -> None:
        """Retry due writes, at most ``rate`` a second, so that no burst of writes follows an outage."""
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
                # Only now: after an outage, a repeated write would restore what the outage lost.
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

    def _note(self, write: Write, op: Word | Literal["invoked"], attempt: int, detail: str = "") -> None:
        self._journal.write(
            LedgerOp(
                ledger=self._name,
                id=write.id,
                op=op,
                at=self._clock.wall(),
                mono=self._clock.mono(),
                attempt=attempt,
                values=write.values if (op, attempt) == ("invoked", 1) else {},
                detail=detail,
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
