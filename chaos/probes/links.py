"""Records every second what the links of the run carry, to show whether a broken link was used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from chaos.errors import ToolProblem
from chaos.probes.steady_rate import until_next
from chaos.timeline.observations import LinkCounts, LinkUse, LinkUseUnknown
from chaos.timing import Clock

EVERY = 1.0  # seconds; one reading of seven proxies takes 4 ms of this process

ReadLinks = Callable[[], Awaitable[tuple[LinkCounts, ...]]]


async def watch_links(
    read: ReadLinks, write: Callable[[LinkUse | LinkUseUnknown], None], clock: Clock, every: float = EVERY
) -> None:
    """Write a ``LinkUse`` every ``every`` real seconds until cancelled. If ``read`` raises ``ToolProblem``,
    write one ``LinkUseUnknown`` when that begins; the gap in the readings shows how long it lasted.
    """
    unknown = False
    while True:
        began = clock.mono()
        seen = await read_links(read, clock)
        if isinstance(seen, LinkUse) or not unknown:
            write(seen)
        unknown = isinstance(seen, LinkUseUnknown)
        await until_next(clock, began, every)


async def read_links(read: ReadLinks, clock: Clock) -> LinkUse | LinkUseUnknown:
    """One reading of the counters; ``LinkUseUnknown`` if ``read`` raises ``ToolProblem``."""
    try:
        counts = await read()
    except ToolProblem as problem:
        return LinkUseUnknown(at=clock.wall(), mono=clock.mono(), detail=str(problem))
    return LinkUse(at=clock.wall(), mono=clock.mono(), links=counts)
