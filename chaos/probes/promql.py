"""The PromQL probe: live readings for the steady state and the progress line.

Checks of alerts and breakers do not use it. They use the data that the run reads from Prometheus at its end.
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

READINGS_PER_SCRAPE = 2  # more would only read the same scrape again
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
    """Sample until cancelled, twice per ``scrape_interval`` (real seconds, already divided by the pace).

    ``query``: instant query -> values of all its samples. A reading is not ok if it raises ``ToolProblem`` or
    takes longer than ``PATIENCE``. Raises ``ValueError`` unless ``scrape_interval`` is above 0.
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
