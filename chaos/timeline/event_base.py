"""The base classes of the events of the journal. Every event has both clocks."""

from __future__ import annotations

from typing import Annotated

from pydantic import AllowInfNan, ConfigDict, Field

from chaos.model.base import Frozen, Instant

AnyFloat = Annotated[float, AllowInfNan()]
"""A figure from a target, which may be NaN or infinity."""
LAST_MONO = 3_200_000_000.0  # a hundred years since this machine started
Mono = Annotated[float, Field(ge=-LAST_MONO, le=LAST_MONO, allow_inf_nan=False)]
"""Seconds of a monotonic clock."""


class TimedEvent(Frozen):
    """``at``: seconds since the epoch; in a ``Recording`` on the run axis (``chaos.timeline.clock``).

    ``mono``: gameday's monotonic clock at the same instant, in seconds. A line with NaN, infinity or an
    instant beyond every calendar is damaged.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    at: Instant
    mono: Mono


class Reading(TimedEvent):
    """One of many readings at a steady rate. gameday writes it at once but does not fsync it: no result
    depends on the last few, and an fsync takes milliseconds on a busy disk.
    """
