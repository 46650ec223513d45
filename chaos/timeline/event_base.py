"""What every event of the journal has: both clocks."""

from __future__ import annotations

from typing import Annotated

from pydantic import AllowInfNan, ConfigDict

from chaos.model.base import Frozen

AnyFloat = Annotated[float, AllowInfNan()]
"""What a target answered: it may say NaN or infinity."""


class TimedEvent(Frozen):
    """``at``: seconds since the epoch; in a ``Recording`` on the run axis (``chaos.timeline.clock``).

    ``mono``: seconds of the harness's monotonic clock at the same instant. No clock gives NaN or infinity: a
    line with one cannot be read.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    at: float
    mono: float


class Reading(TimedEvent):
    """One of many that come at a steady rate. It is written at once but not fsynced: losing the last ones to
    a power cut loses nothing that decides, and every fsync costs milliseconds of a busy disk.
    """
