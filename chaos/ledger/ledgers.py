"""All ledgers of one run, as the runner's port uses them."""

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
from chaos.timeline.ledger import LONGEST_GRACE, StoreRead
from chaos.timeline.observations import WriterCounts
from chaos.timing import Clock


@dataclass(frozen=True)
class _Open:
    """One ledger of the run, with its writer and its reader."""

    facts: LedgerFacts
    writer: Writer
    reader: Reader


class Ledgers:
    """All ledgers of one run. Call ``start`` once, then ``stop``, then ``read_back``, in one asyncio loop.

    ``out``: path of ledger.jsonl. ``hide``: removes secrets from recorded texts.
    """

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
        """Start the writers, which run as tasks until ``stop``. Returns the counts of each, with its rate."""
        self._tasks = [asyncio.ensure_future(ledger.writer.run()) for ledger in self._ledgers]
        return tuple(ledger.writer.counts() for ledger in self._ledgers)

    async def stop(self, at_once: bool = False) -> tuple[WriterCounts, ...]:
        """Stop the writers. No call is open when this returns, after at most about ``LONGEST_GRACE`` seconds.

        Calls that take longer are cancelled; their results stay unknown. ``at_once``: cancel all open calls.
        Returns how many writes were planned and left out; () if the writers never started or were stopped
        before. Idempotent. Raises ``EnvironmentProblem`` if ledger.jsonl cannot be written.
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
        """The last read of every store of every ledger."""
        reads = await asyncio.gather(*(ledger.reader.read(self._plan.pace) for ledger in self._ledgers))
        return tuple(read for of_one in reads for read in of_one)

    def died(self) -> str:
        """Why a writer ended on its own; "" while all of them write, and after ``stop``."""
        if self._stopped:
            return ""
        for task in self._tasks:
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                return str(error) if isinstance(error, GamedayError) else f"{type(error).__name__}: {error}"
        return ""
