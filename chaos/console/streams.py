"""Server-sent events: a browser receives what its viewer may know, and continues where it was cut off.

A stream keeps no queue, only the number of events that it has sent. So a slow browser costs no memory and
delays no other one: when it reads again it gets what is new then, or is asked to reload the page.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress

from chaos.gameday.events import Event
from chaos.gameday.projector import Projector
from chaos.gameday.words import describe

MOST_AT_ONCE = 100  # events; beyond, the browser loads the page anew
MOST_STREAMS = 12  # open ones of one session: each tab has one
LEAST_GAP = 0.3  # seconds between two batches of one stream
HEARTBEAT = 10.0  # seconds without an event after which a comment shows that the connection lives


class Hub:
    """Wakes the open streams when the journal grows."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Event, str] = {}  # an open stream -> whose it is
        self.closing = False

    @property
    def count(self) -> int:
        """How many streams are open."""
        return len(self._waiting)

    def has_capacity(self, who: str) -> bool:
        """May this session open another stream?"""
        return list(self._waiting.values()).count(who) < MOST_STREAMS

    def wake(self, _: Event | None = None) -> None:
        for waiting in self._waiting:
            waiting.set()

    def close(self) -> None:
        """End every stream."""
        self.closing = True
        self.wake()

    async def stream(
        self,
        seen: Callable[[], Projector],
        last: str,
        who: str = "",
        gap: float = LEAST_GAP,
        heartbeat: float = HEARTBEAT,
    ) -> AsyncGenerator[bytes, None]:
        """The stream of one browser. ``last``: the id of the last event that it got; empty for a new page.
        ``who``: the session whose stream it is.
        """
        woken = asyncio.Event()
        self._waiting[woken] = who
        try:
            sent = last or seen().version
            yield b"retry: 1000\n\n"
            while not self.closing:
                woken.clear()  # before reading, so that events during the delivery of a batch wake it again
                projector = seen()
                batch, sent = _batch(projector, sent), projector.version
                yield batch
                with suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), heartbeat)
                await asyncio.sleep(gap)
        finally:
            self._waiting.pop(woken, None)


def _batch(projector: Projector, sent: str) -> bytes:
    if projector.version == sent:
        return b": alive\n\n"
    new = projector.since(sent)
    if new is None or len(new) > MOST_AT_ONCE:
        return _message(projector.version, "reload", {})
    lines = [
        {"kind": event.event, "author": event.author, "text": text}
        for event in new
        if (text := describe(event))
    ]
    return _message(projector.version, "news", {"lines": lines})


def _message(version: str, kind: str, data: dict[str, object]) -> bytes:
    return f"id: {version}\nevent: {kind}\ndata: {json.dumps(data)}\n\n".encode()
