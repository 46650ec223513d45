"""An ``Observer`` watches a run. No observer can delay the run or another observer.

Each observer is called in its own thread, from a bounded queue. The run only puts entries into that queue,
which neither blocks nor fails.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from chaos.journal import redacted
from chaos.runner.progress import Progress
from chaos.runner.run_ports import EventSink
from chaos.timeline.events import Event

QUEUED = 2048  # entries that wait for one observer: some minutes of a run
GOODBYE = 5.0  # seconds for an observer at the end of a run to receive what is still queued


class Observer:
    """Receives what happens in a run. Every member is optional and does nothing by default.

    Members are called one at a time, in the order in which things happened, in a thread that belongs to this
    observer alone: they may block. One that raises is called again for the next entry; the first error is
    reported when the run ends (``ObserverProblem``).
    """

    def on_event(self, run_id: str, event: Event) -> None:
        """One event, after it was written to the journal, without the secrets that the journal hides."""

    def on_progress(self, progress: Progress) -> None:
        """The progress of the run: about twice a second, and at each milestone."""

    def on_lost(self, count: int) -> None:
        """``count`` entries were dropped because this observer was too slow."""


@dataclass(frozen=True)
class ObserverProblem:
    """What went wrong with one observer; the run itself was not affected."""

    observer: str  # name of its class
    detail: str


class Observers:
    """All observers of one run. Use ``event`` and ``progress`` from any thread."""

    def __init__(self, run_id: str, observers: Sequence[Observer]) -> None:
        self._run_id = run_id
        self._deliveries = [_Delivery(observer) for observer in observers]

    def __bool__(self) -> bool:
        return bool(self._deliveries)

    def event(self, event: Event) -> None:
        """Pass on an event. Never blocks, never raises."""
        for delivery in self._deliveries:
            delivery.put(lambda observer: observer.on_event(self._run_id, event))

    def progress(self, progress: Progress) -> None:
        """Pass on the progress of the run. Never blocks, never raises."""
        for delivery in self._deliveries:
            delivery.put(lambda observer: observer.on_progress(progress))

    async def close(self, within: float = GOODBYE) -> tuple[ObserverProblem, ...]:
        """Deliver what is queued, for at most ``within`` seconds. Returns each observer's problem."""
        for delivery in self._deliveries:
            delivery.finish()
        await asyncio.gather(
            *(asyncio.to_thread(delivery.join, within) for delivery in self._deliveries),
        )
        return tuple(problem for delivery in self._deliveries if (problem := delivery.problem()))


class ObservedJournal:
    """A journal whose events are passed on to observers once they are written. ``hide`` removes secrets."""

    def __init__(self, journal: EventSink, observers: Observers, hide: Callable[[str], str]) -> None:
        self._journal = journal
        self._observers = observers
        self._hide = hide

    def write(self, event: Event) -> None:
        """Raises what the journal raises; then no observer receives the event."""
        self._journal.write(event)
        if self._observers:
            self._observers.event(redacted(event, self._hide))


_Call = Callable[[Observer], None]


class _Delivery:
    """One observer with its queue and its thread."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._queue: queue.Queue[_Call | None] = queue.Queue(QUEUED)
        self._finishing = threading.Event()
        self._lock = threading.Lock()
        self._lost = 0  # entries dropped since the observer was last informed of it
        self._lost_in_all = 0
        self._error = ""
        self._errors = 0
        # A daemon thread: an observer that hangs must not prevent the process from ending.
        self._thread = threading.Thread(target=self._deliver, name="observer", daemon=True)
        self._thread.start()

    def put(self, call: _Call) -> None:
        try:
            self._queue.put_nowait(call)
        except queue.Full:
            with self._lock:
                self._lost += 1
                self._lost_in_all += 1

    def finish(self) -> None:
        self._finishing.set()
        with suppress(queue.Full):  # the thread looks at ``_finishing`` when the queue is empty
            self._queue.put_nowait(None)

    def join(self, within: float) -> None:
        self._thread.join(within)

    def problem(self) -> ObserverProblem | None:
        words = []
        if self._errors:
            words.append(f"{self._errors} calls failed, the first one with {self._error}")
        if self._lost_in_all:
            words.append(f"{self._lost_in_all} entries were dropped because it was too slow")
        if self._thread.is_alive():
            words.append("it had not received everything when the run ended")
        return ObserverProblem(type(self._observer).__name__, "; ".join(words)) if words else None

    def _deliver(self) -> None:
        while True:
            try:
                call = self._queue.get(timeout=0.5 if self._finishing.is_set() else None)
            except queue.Empty:
                return
            if call is None:
                return
            self._report_lost()
            self._call(call)

    def _report_lost(self) -> None:
        with self._lock:
            lost, self._lost = self._lost, 0
        if lost:
            self._call(lambda observer: observer.on_lost(lost))

    def _call(self, call: _Call) -> None:
        try:
            call(self._observer)
        except Exception as error:  # an observer is a caller's code: it may raise anything
            self._error = self._error or f"{type(error).__name__}: {error}"
            self._errors += 1
