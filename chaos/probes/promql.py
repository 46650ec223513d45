"""The PromQL probe: a live reading for the steady state and the progress line.

Verdicts about alerts and breakers do not come from it: they are read back from Prometheus's own data
after the run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from chaos.collector import Answer
from chaos.conditions import promql_holds
from chaos.errors import ToolProblem
from chaos.model.scenario import PromqlCondition
from chaos.probes.steady_rate import PacedProbe, Write
from chaos.timeline.observations import ProbeKind
from chaos.timing import Clock

READINGS_PER_SCRAPE = 2  # more would read the same scrape again
PATIENCE = 3.0  # real seconds for one query; an instant query takes some milliseconds

Query = Callable[[str], Awaitable[tuple[float, ...]]]


async def run_promql_probe(
    condition: PromqlCondition,
    label: str,
    query: Query,
    write: Write,
    clock: Clock,
    scrape_interval: float,
) -> None:
    """Sample until cancelled, twice per ``scrape_interval`` (real seconds, so already divided by the pace).

    ``query`` answers an instant query with the values of all its samples and raises ``ToolProblem`` if it got
    no answer. One that takes longer than ``PATIENCE`` is given up.
    """
    if scrape_interval <= 0:
        raise ValueError(f"expected a scrape interval above 0, got {scrape_interval}")

    async def once() -> Answer:
        try:
            async with asyncio.timeout(PATIENCE):
                values = await query(condition.query)
        except TimeoutError:
            return Answer(False, detail=f"the query got no answer within {PATIENCE:g} s")
        except ToolProblem as problem:
            return Answer(False, detail=f"the query got no answer: {problem}")
        seen = promql_holds(condition, values)
        return Answer(seen.holds, value=values[0] if values else None, detail=seen.detail)

    every = scrape_interval / READINGS_PER_SCRAPE
    await PacedProbe(label, ProbeKind.PROMQL, every, PATIENCE, once, write, clock).run()
