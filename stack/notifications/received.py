"""What arrived in which channel, and whether the dead-man's switch still beats."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

CHANNELS = ("pager", "chat", "email", "digest")
ABSENT = "DeadMansSwitchSilent"  # the name of the sink's own alert
FIRST_BEAT = 120.0  # real seconds that monitoring has to start, before its silence is an absence
Json = dict[str, object]


@dataclass(frozen=True)
class Notification:
    """One message. ``received``: seconds of the monotonic clock; ``body``: as Alertmanager sent it."""

    number: int  # 1 for the first message of all channels, without gaps
    channel: str
    received: float
    body: Mapping[str, object]


class Received:
    """All messages since the start, oldest first. Safe to use from several threads.

    ``limit``: seconds without a beat after which the dead-man's switch counts as silent. Then a message
    of the sink's own goes to the pager, and another one when the switch beats again.
    """

    def __init__(self, limit: float, now: Callable[[], float]) -> None:
        self._limit = limit
        self._now = now
        self._started = now()
        self._beats = 0
        self._last_beat: float | None = None
        self._silent = False
        self._messages: list[Notification] = []
        self._lock = threading.Lock()

    def take(self, channel: str, body: Mapping[str, object]) -> None:
        with self._lock:
            self._add(channel, body)

    def beat(self) -> None:
        with self._lock:
            self._beats += 1
            self._last_beat = self._now()
            if self._silent:
                self._silent = False
                self._add("pager", _own("resolved"))

    def look(self) -> None:
        """Report the dead-man's switch if it has been silent for too long. Call it regularly."""
        with self._lock:
            if not self._silent and self._now() > self._due():
                self._silent = True
                self._add("pager", _own("firing"))

    def listing(self, within: float | None) -> Json:
        """Messages as JSON, those of the last ``within`` seconds only if it is given. ``age``: seconds since
        it arrived; ``count``: how many there are since the start.
        """
        with self._lock:
            now = self._now()
            shown = [one for one in self._messages if within is None or now - one.received <= within]
            return {
                "count": len(self._messages),
                "notifications": [
                    {
                        "number": one.number,
                        "channel": one.channel,
                        "age": round(now - one.received, 3),
                        "status": one.body.get("status"),
                        "alerts": one.body.get("alerts"),
                    }
                    for one in shown
                ],
            }

    def heartbeat(self) -> Json:
        with self._lock:
            age = None if self._last_beat is None else round(self._now() - self._last_beat, 3)
            return {"beats": self._beats, "age": age, "limit": self._limit, "silent": self._silent}

    def _due(self) -> float:
        """Until when the next beat must come."""
        if self._last_beat is None:
            return self._started + max(FIRST_BEAT, self._limit)
        return self._last_beat + self._limit

    def _add(self, channel: str, body: Mapping[str, object]) -> None:
        self._messages.append(Notification(len(self._messages) + 1, channel, self._now(), body))


def _own(status: str) -> Json:
    labels = {"alertname": ABSENT, "severity": "SEV1", "runbook": "monitoring-silent"}
    notes = {"summary": "No alert is delivered: the dead-man's switch of the monitoring is silent."}
    return {"status": status, "alerts": [{"status": status, "labels": labels, "annotations": notes}]}
