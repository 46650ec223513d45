"""Server-sent events: a browser receives the events that its viewer may know, and resumes after a break.

A stream has no queue; it knows only up to which event it has sent. So a slow browser needs no memory and does
not delay others: when it reads again, it gets the new events or is asked to reload the page.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress

from chaos.gameday.events import Event
from chaos.gameday.projector import Projector
from chaos.gameday.words import describe

MOST_AT_ONCE = 100  # events; for more, the browser reloads the page
MOST_STREAMS = 12  # open streams of one session; each tab has one
LEAST_GAP = 0.3  # seconds between two batches of one stream
HEARTBEAT = 10.0  # seconds without an event after which the server sends a comment


class Hub:
    """Wakes the open streams when the journal grows."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Event, str] = {}  # open stream -> its session
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
        """The stream of one browser, as bytes of the event-stream format. ``last``: id of the last event that
        it received; empty for a new page. ``who``: its session. ``gap``, ``heartbeat``: real seconds.
        """
        woken = asyncio.Event()
        self._waiting[woken] = who
        try:
            sent = last or seen().version
            yield b"retry: 1000\n\n"
            while not self.closing:
                woken.clear()  # before reading: events that come while a batch is sent must wake it again
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
