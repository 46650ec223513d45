"""The live view of the samples: since when does the steady state hold, and how are the clients served?

Only the runner's waiting uses it. Whether the run recovered in time is judged from the recording.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from chaos.timeline.events import Sample


class Health:
    """Since when each condition has held. Instants are wall-clock seconds."""

    def __init__(self, labels: Iterable[str]) -> None:
        self._ok_since: dict[str, float | None] = dict.fromkeys(labels)
        self._last: dict[str, Sample] = {}

    def see(self, sample: Sample) -> None:
        if sample.probe not in self._ok_since:
            return
        self._last[sample.probe] = sample
        if not sample.ok:
            self._ok_since[sample.probe] = None
        elif self._ok_since[sample.probe] is None:
            self._ok_since[sample.probe] = sample.at

    def holds_since(self) -> float | None:
        """The instant from which every condition has held without a break; None while one does not."""
        since = list(self._ok_since.values())
        return None if any(instant is None for instant in since) else max(s for s in since if s is not None)

    def failing(self) -> tuple[str, ...]:
        """Conditions that do not hold now, with what was seen."""
        return tuple(
            f"{label}: {self._last[label].detail or 'not ok' if label in self._last else 'no sample'}"
            for label, since in self._ok_since.items()
            if since is None
        )


class LoadTail:
    """Follows load.jsonl as it is written and tells how well the clients were served lately."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._recent: deque[tuple[float, bool]] = deque()

    def good_share(self, since: float) -> float | None:
        """Share of the requests intended since that instant that were served and not degraded; None if
        there are none.
        """
        self._read()
        while self._recent and self._recent[0][0] < since:
            self._recent.popleft()
        if not self._recent:
            return None
        return sum(good for _, good in self._recent) / len(self._recent)

    def _read(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("rb") as stream:
            stream.seek(self._offset)
            data = stream.read()
        whole = data.rfind(b"\n") + 1
        self._offset += whole
        for line in data[:whole].splitlines():
            request = json.loads(line)
            self._recent.append((request["intended"], request["served"] and not request["degraded"]))
