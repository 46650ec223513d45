"""A URL of this computer, which something beside the stack serves."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chaos.collector import Answer, Collector
from chaos.sources import Sources
from chaos.timing import Duration


class UrlPoll(Collector):
    """GET http://127.0.0.1:PORT/PATH, once a second."""

    collector: Literal["url"] = "url"
    port: int = Field(gt=0, lt=65536)
    path: str = Field(default="/", pattern="^/")
    status: int = Field(default=200, ge=100, le=599)
    timeout: Duration = 2.0

    @property
    def patience(self) -> float:
        return self.timeout

    async def read(self, sources: Sources) -> Answer:
        """``status`` is that of the answer."""
        answer = await sources.clients.poll(self.port, self.path, self.timeout)
        if answer.status == self.status:
            return Answer(True, status=answer.status)
        seen = answer.error or "no answer" if answer.status is None else f"status {answer.status}"
        return Answer(False, status=answer.status, detail=seen)
