"""``RunControl``: what a caller can do to a run while it is in progress."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True)
class Abort:
    reason: str
    author: str


@dataclass(frozen=True)
class RunHold:
    reason: str
    author: str


@dataclass(frozen=True)
class Resume:
    author: str


@dataclass(frozen=True)
class InjectNow:
    """``index``: number of the step in the scenario's timeline, from 0; None: the next one that is due."""

    index: int | None
    author: str


@dataclass(frozen=True)
class Note:
    text: str
    author: str


Command = Abort | RunHold | Resume | InjectNow | Note


class RunControl:
    """Steers one run. Call its methods from any thread, before or during the run; they return at once. The
    result is an event of the run: done, or refused with a reason.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: deque[Command] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._arrived: asyncio.Event | None = None

    def abort(self, reason: str, author: str = "") -> None:
        """End the run: gameday undoes everything at once, and the verdict is ABORTED."""
        self._send(Abort(reason, author))

    def hold(self, reason: str = "", author: str = "") -> None:
        """Put the timeline on hold: faults in place stay; gameday injects and undoes nothing."""
        self._send(RunHold(reason, author))

    def resume(self, author: str = "") -> None:
        """Continue the timeline where it stopped."""
        self._send(Resume(author))

    def inject_now(self, index: int | None = None, author: str = "") -> None:
        """Inject a fault of the timeline before its time, also while the run is held.

        ``index``: which step, from 0; None: the one that is due next.
        """
        self._send(InjectNow(index, author))

    def note(self, text: str, author: str) -> None:
        """Keep a remark with the run."""
        self._send(Note(text, author))

    async def received(self) -> Command:
        """The next command; only the runner calls this. A control steers one run, in one event loop."""
        with self._lock:
            if self._arrived is None:
                self._loop, self._arrived = asyncio.get_running_loop(), asyncio.Event()
            arrived = self._arrived
        while True:
            with self._lock:
                arrived.clear()
                if self._pending:
                    return self._pending.popleft()
            await arrived.wait()

    def drained(self) -> Iterator[Command]:
        """The commands that were not received yet, for the end of a run."""
        while True:
            with self._lock:
                if not self._pending:
                    return
                command = self._pending.popleft()
            yield command

    def _send(self, command: Command) -> None:
        with self._lock:
            self._pending.append(command)
            loop, arrived = self._loop, self._arrived
        if loop is not None and arrived is not None:
            with suppress(RuntimeError):  # the run is over, and its loop with it
                loop.call_soon_threadsafe(arrived.set)
