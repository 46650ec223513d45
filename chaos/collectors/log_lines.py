"""Lines of a container's log, counted."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from chaos.collector import Answer, Collector
from chaos.patterns import PatternError, pattern
from chaos.sources import Sources


class LogLines(Collector):
    """How many lines of a service's log so far match a regular expression, once a second."""

    collector: Literal["log.lines"] = "log.lines"
    service: str
    matching: str = Field(min_length=1, description="regular expression to search for in each line")
    last: int = Field(default=5000, gt=0, le=50_000, description="maximum number of log lines to read")

    @field_validator("matching")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            pattern(value)
        except PatternError as error:
            raise ValueError(f"expected a regular expression: {error}") from error
        return value

    async def read(self, sources: Sources) -> Answer:
        """``value`` is the count."""
        lines = await sources.containers.log(self.service, self.last)
        wanted = pattern(self.matching)
        return Answer(True, value=float(sum(wanted.found_in(line) for line in lines)))
