"""SIGINT and SIGTERM end a run in order: everything is undone first."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

from chaos.app.command_context import CommandContext
from chaos.errors import Interrupted

T = TypeVar("T")


def run_until_signal(work: Coroutine[Any, Any, T], context: CommandContext) -> T:
    """Run ``work`` in an event loop of its own; the first signal cancels it, later ones only print
    a message. Raises ``Interrupted`` if the signal ended it before it had anything to undo or to return.
    """
    return asyncio.run(_guarded(work, context))


async def _guarded(work: Coroutine[Any, Any, T], context: CommandContext) -> T:
    task = asyncio.ensure_future(work)
    asked = False

    def stop() -> None:
        nonlocal asked
        if asked:
            context.complain("gameday: still undoing, please wait")
            return
        asked = True
        context.complain("gameday: interrupted, undoing everything")
        task.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        return await task
    except asyncio.CancelledError:
        if not asked:
            raise
        raise Interrupted("interrupted before anything was started") from None
