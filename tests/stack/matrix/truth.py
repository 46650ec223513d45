"""What the application really did, as a client of its own saw it, and the outcome that follows.

It shares nothing with the judge: its own requests, its own patience, and a rule of a few lines.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from chaos.model.verdict import Outcome
from tests.stack.matrix.cells import LOAD_PATIENCE, PATHS, Cell, Promise

PORT = 18431
EVERY = 0.5  # seconds between two requests for one path
PATIENCE = 90.0  # seconds: longer than any run holds a fault
SETTLED = 1.5  # seconds after the injection from which on answers count


@dataclass(frozen=True)
class Seen:
    """One request. Monotonic seconds; ``ended`` None: no answer yet; ``status`` 0: the connection failed."""

    path: str
    asked: float
    ended: float | None = None
    status: int = 0
    stale: bool | None = None


class Witness:
    """Asks for every path at a steady rate, each time in a thread of its own."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, float], Seen] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._walker = threading.Thread(target=self._walk, daemon=True)

    def __enter__(self) -> Witness:
        self._walker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._walker.join()

    def seen(self) -> tuple[Seen, ...]:
        with self._lock:
            return tuple(self._seen.values())

    def _walk(self) -> None:
        while not self._stopping.wait(EVERY):
            for path in PATHS:
                threading.Thread(target=self._ask, args=(path, time.monotonic()), daemon=True).start()

    def _ask(self, path: str, asked: float) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=PATIENCE)
        status, stale = 0, None
        self._note(Seen(path, asked))
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            status, stale = answer.status, json.loads(answer.read()).get("stale")
        except (OSError, http.client.HTTPException, ValueError):
            pass
        finally:
            connection.close()
        self._note(Seen(path, asked, time.monotonic(), status, stale))

    def _note(self, one: Seen) -> None:
        with self._lock:
            self._seen[one.path, one.asked] = one


def right_outcome(cell: Cell, seen: Sequence[Seen], injected: float, undone: float) -> Outcome:
    """``injected``, ``undone``: when the fault was there, and when its undo began; monotonic seconds.

    Who waited longer than was promised, or than a client of the load waits, was let down. Who waited for less
    when the undo began says nothing.
    """
    limit = min(LOAD_PATIENCE, cell.promise.within or LOAD_PATIENCE)
    asked = [one for one in seen if one.path == cell.path and injected <= one.asked < undone]
    answered = [one for one in asked if one.ended is not None and one.ended <= undone]
    if not answered:
        return Outcome.FAIL if undone - injected > limit + 1 else Outcome.INCONCLUSIVE
    settled = [one for one in asked if one.asked >= injected + SETTLED]
    let_down = any(one not in answered and undone - one.asked > limit for one in settled)
    kept = all(_kept(cell.promise, one) for one in answered if one in settled)
    return Outcome.PASS if kept and not let_down else Outcome.FAIL


def _kept(promise: Promise, one: Seen) -> bool:
    in_time = promise.within is None or (one.ended or 0.0) - one.asked <= promise.within
    return one.status in promise.statuses and in_time and promise.stale in (None, one.stale)
