"""What every event of the journal has: both clocks."""

from __future__ import annotations

from typing import Annotated

from pydantic import AllowInfNan, ConfigDict, Field

from chaos.model.base import Frozen, Instant

AnyFloat = Annotated[float, AllowInfNan()]
"""What a target answered: it may say NaN or infinity."""
_LAST_MONO = 3_200_000_000.0  # a hundred years since this machine started


class TimedEvent(Frozen):
    """``at``: seconds since the epoch; in a ``Recording`` on the run axis (``chaos.timeline.clock``).

    ``mono``: seconds of the harness's monotonic clock at the same instant. No clock gives NaN, infinity or an
    instant that no calendar has: a line with one cannot be read.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    at: Instant
    mono: float = Field(ge=-_LAST_MONO, le=_LAST_MONO)


class Reading(TimedEvent):
    """One of many that come at a steady rate. It is written at once but not fsynced: losing the last ones to
    a power cut loses nothing that decides, and every fsync costs milliseconds of a busy disk.
    """
