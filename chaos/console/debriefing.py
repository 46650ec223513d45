"""What the debrief page needs from the host, which has the run folders."""

from __future__ import annotations

from typing import Protocol

from chaos.gameday.around import RecordingExcerpt
from chaos.gameday.debrief import Debrief


class DebriefSource(Protocol):
    def debrief(self) -> Debrief:
        """The debrief of the day from its journal so far."""
        ...

    def around(self, slot: int, at: float) -> RecordingExcerpt:
        """What the recording of a scenario's run contains around an instant (seconds since the epoch)."""
        ...
