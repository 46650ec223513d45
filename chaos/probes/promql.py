"""The PromQL probe: a live reading for the steady state and the progress line.

Verdicts about alerts and breakers do not come from it: they are read back from Prometheus's own data
after the run.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from chaos.errors import ToolProblem
from chaos.model.scenario import PromqlCondition
from chaos.probes.conditions import Seen, promql_holds
from chaos.timeline.events import Sample
from chaos.timing import Clock

READINGS_PER_SCRAPE = 2  # more would read the same scrape again

Query = Callable[[str], Awaitable[tuple[float, ...]]]


async def run_promql_probe(
    condition: PromqlCondition,
    label: str,
    query: Query,
    write: Callable[[Sample], None],
    clock: Clock,
    scrape_interval: float,
) -> None:
    """Sample until cancelled, twice per ``scrape_interval`` (real seconds, so already divided by the pace).

    ``query`` answers an instant query with the values of all its samples, raises ``ToolProblem`` if it got
    no answer, and is bounded in time by whoever made it. Readings never overlap: a slow Prometheus is
    asked less often.
    """
    if scrape_interval <= 0:
        raise ValueError(f"expected a scrape interval above 0, got {scrape_interval}")
    period = scrape_interval / READINGS_PER_SCRAPE
    while True:
        started, began = clock.wall(), clock.mono()
        try:
            values = await query(condition.query)
            seen = promql_holds(condition, values)
        except ToolProblem as problem:
            values, seen = (), Seen(False, f"the query got no answer: {problem}")
        write(
            Sample(
                at=clock.wall(),
                mono=clock.mono(),
                probe=label,
                ok=seen.holds,
                started=started,
                started_mono=began,
                value=values[0] if values else None,
                detail=seen.detail,
            )
        )
        left = began + period - clock.mono()
        await clock.sleep(left if left > 0 else period)  # one that is slow to answer gets its rest as well
