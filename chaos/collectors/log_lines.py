"""Lines of a container's log, counted."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from chaos.collector import Answer, Collector
from chaos.sources import Sources


class LogLines(Collector):
    """How many lines of a service's log so far match a regular expression, once a second."""

    collector: Literal["log.lines"] = "log.lines"
    service: str
    matching: str = Field(min_length=1, description="regular expression, searched for in each line")
    last: int = Field(default=5000, gt=0, le=50_000, description="most lines of the log that are read")

    @field_validator("matching")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"expected a regular expression: {error}") from error
        return value

    async def read(self, sources: Sources) -> Answer:
        """``value`` is the count."""
        lines = await sources.containers.log(self.service, self.last)
        return Answer(True, value=float(sum(bool(re.search(self.matching, line)) for line in lines)))
