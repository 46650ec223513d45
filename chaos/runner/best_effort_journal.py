"""Writes to the journal; after a failed write the teardown continues without it."""

from __future__ import annotations

from chaos.errors import GamedayError
from chaos.runner.run_ports import EventSink
from chaos.timeline.events import Event


class BestEffortJournal:
    """Raises the first failed write, which ends the run; undoing faults matters more than recording it."""

    def __init__(self, sink: EventSink) -> None:
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
