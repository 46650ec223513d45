"""CPU that is burnt for nothing: a thread that spins for a share of each tenth of a second."""

from __future__ import annotations

import threading
import time

SLICE = 0.1  # seconds


class Burn:
    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, share: float) -> None:
        """`share` of one core, 0 to 1. The event loop has to share the core with it, as with any hot loop."""
        self.stop()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=_spin, args=(share, self._stop), daemon=True, name="burn")
        self._thread.start()

    def stop(self) -> None:
        """Ends within one slice."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None


def _spin(share: float, stop: threading.Event) -> None:
    while not stop.is_set():
        until = time.perf_counter() + SLICE * share
        while time.perf_counter() < until:
            pass
        stop.wait(SLICE * (1 - share))
