"""All ledgers of one run behind the runner's port."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chaos.errors import GamedayError
from chaos.ledger.caller import Caller
from chaos.ledger.final_read import Reader
from chaos.ledger.journal import LedgerJournal
from chaos.ledger.stack_client import StackClient
from chaos.ledger.writer import Writer
from chaos.ledger.writes import Writes
from chaos.model.ledger import LedgerFacts
from chaos.model.plan import Plan
from chaos.timeline.ledger import StoreRead
from chaos.timeline.observations import WriterCounts
from chaos.timing import Clock

LONGEST_GRACE = 6.0  # real seconds that calls under way may take once the writers are asked to stop


@dataclass(frozen=True)
class _Open:
    """One ledger of the run: who writes it, and who reads it back."""

    facts: LedgerFacts
    writer: Writer
    reader: Reader


class Ledgers:
    """``start`` once, ``stop`` as often as you like, then ``read_back``; from one asyncio loop."""

    def __init__(
        self,
        plan: Plan,
        run_id: str,
        out: Path,
        client: StackClient,
        clock: Clock,
        hide: Callable[[str], str] = lambda text: text,
    ) -> None:
        self._plan = plan
        self._journal = LedgerJournal(out, hide)
        self._tasks: list[asyncio.Task[None]] = []
        self._stopped = False
        prefixes = {entry.ledger: f"gd-{run_id}-{entry.ledger}-" for entry in plan.scenario.ledgers}
        self._ledgers = []
        for entry in plan.scenario.ledgers:
            name, facts = entry.ledger, plan.stack.ledgers[entry.ledger]
            prefix = prefixes[name]
            foreign = [other for other in prefixes.values() if other != prefix and other.startswith(prefix)]
            writer = Writer(
                name,
                entry.rate.per_second,
                facts.write.timeout,
                Writes(facts, prefix, earlier=len(plan.warm_after)),
                Caller(facts, client),
                self._journal,
                clock,
            )
            reader = Reader(name, facts, prefix, foreign, client, clock, hide)
            self._ledgers.append(_Open(facts, writer, reader))

    async def start(self) -> tuple[WriterCounts, ...]:
        """The writers run beside whatever goes on, until ``stop``. Returns the rate of each."""
        self._tasks = [asyncio.ensure_future(ledger.writer.run()) for ledger in self._ledgers]
        return tuple(ledger.writer.counts() for ledger in self._ledgers)

    async def stop(self, at_once: bool = False) -> tuple[WriterCounts, ...]:
        """No call is under way when it returns. Idempotent; bounded by ``LONGEST_GRACE`` and a moment.

        Without that grace if it is to be ``at_once``: the calls under way are cut off and stay unknown.
        Returns what was planned and left out; nothing if they never started or were stopped before.
        """
        first = bool(self._tasks) and not self._stopped
        self._stopped = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        longest = 0.0 if at_once else LONGEST_GRACE
        grace = [min(longest, ledger.facts.write.timeout) for ledger in self._ledgers]
        await asyncio.gather(
            *(ledger.writer.finish(s) for ledger, s in zip(self._ledgers, grace, strict=True))
        )
        self._journal.close()
        return tuple(ledger.writer.counts() for ledger in self._ledgers) if first else ()

    async def read_back(self) -> tuple[StoreRead, ...]:
        """Every store of every ledger, as the last look found it."""
        reads = await asyncio.gather(*(ledger.reader.read(self._plan.pace) for ledger in self._ledgers))
        return tuple(read for of_one in reads for read in of_one)

    def died(self) -> str:
        """Why the writers ended without being asked to; "" while they write and after a ``stop``."""
        if self._stopped:
            return ""
        for task in self._tasks:
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                return str(error) if isinstance(error, GamedayError) else f"{type(error).__name__}: {error}"
        return ""
