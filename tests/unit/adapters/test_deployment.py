"""The end of a deployment holds up no run beside it."""

from __future__ import annotations

import asyncio
import threading

from chaos.adapters.deployment import writer_threads


async def test_the_event_loop_goes_on_while_a_last_command_of_a_writer_ends() -> None:
    went_on, loop = threading.Event(), asyncio.get_running_loop()
    async with writer_threads() as threads:
        last = threads.submit(went_on.wait, 5.0)
        loop.call_soon(went_on.set)
    assert last.done()
    assert last.result(), "the event loop stood still until the command gave up"
