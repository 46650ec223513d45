"""Writes to the journal; after it broke once, the teardown goes on without it."""

from __future__ import annotations

from chaos.errors import GamedayError
from chaos.runner.run_ports import Sink
from chaos.timeline.events import Event


class BestEffortJournal:
    """The first failure to write is raised, and so ends the run; undoing what stands matters more than
    writing of it.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._broken = False

    def write(self, event: Event) -> None:
        if self._broken:
            return
        try:
            self._sink.write(event)
        except GamedayError:
            self._broken = True
            raise
