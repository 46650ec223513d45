"""What the service that receives the notifications has received."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationError

from chaos.collector import Answer, Collector
from chaos.model.notifications import Listing
from chaos.sources import Sources

WINDOW = 4.0
"""Seconds of messages in one reading. Each is so in several readings: one that fails loses none, and the
numbers of the messages show when more were lost.
"""


class NotificationListing(Collector):
    """The messages of the last seconds that the sink of an Alertmanager lists as JSON, once a second.

    ``GET PATH?within=SECONDS`` answers ``{"count": 3, "notifications": [{"number": 3, "channel": "chat",
    "age": 0.4, "alerts": [{"status": "firing", "labels": {...}, "annotations": {...}}]}]}``: see
    ``chaos/model/notifications.py``.
    """

    collector: Literal["notifications"] = "notifications"
    service: str
    port: int = Field(gt=0, lt=65536)
    path: str = Field(default="/notifications", pattern="^/")

    async def read(self, sources: Sources) -> Answer:
        """``payload`` is the listing; ``value`` the number of messages since the start of the service."""
        path = f"{self.path}?within={WINDOW:g}"
        answer = await sources.services.get(self.service, self.port, path, self.patience)
        if answer.status != 200:
            seen = answer.error or "no answer" if answer.status is None else f"status {answer.status}"
            return Answer(False, status=answer.status, detail=seen)
        try:
            listing = Listing.model_validate_json(answer.body)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            detail = f"not a listing of notifications: {where or 'the answer'}: {first['msg']}"
            return Answer(False, status=200, detail=detail)
        return Answer(True, status=200, value=float(listing.count), payload=listing.model_dump_json())
