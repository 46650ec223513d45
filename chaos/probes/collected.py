"""Records the evidence that checks ask for, at the rate of its collector."""

from __future__ import annotations

import asyncio

from chaos.collector import Answer, Collector
from chaos.errors import ToolProblem
from chaos.model.plan import Plan
from chaos.probes.steady_rate import PacedProbe, Write
from chaos.sources import Sources
from chaos.timeline.unanswered import NO_ANSWER_WITHIN
from chaos.timing import Clock


async def run_collector(
    name: str, collector: Collector, plan: Plan, sources: Sources, write: Write, clock: Clock
) -> None:
    """Read until cancelled. Each reading becomes a ``Sample`` of the probe ``name``; a reading that takes
    longer than ``collector.patience`` or raises ``ToolProblem`` is not ok.
    """

    async def once() -> Answer:
        try:
            async with asyncio.timeout(collector.patience):
                return await collector.read(sources)
        except TimeoutError:
            return Answer(False, detail=f"{NO_ANSWER_WITHIN} {collector.patience:g} s")
        except ToolProblem as problem:
            return Answer(False, detail=str(problem))

    every = collector.every(plan)
    await PacedProbe(name, collector.kind, every, collector.patience, once, write, clock).run()
