"""The subject of a lane of the chart, or of a line of the timeline."""

from __future__ import annotations

from enum import StrEnum


class RowKind(StrEnum):
    """The style sheets have a class of each name, and the value is written in the row."""

    RUN = "run"
    FAULT = "fault"
    PROCEDURE = "procedure"
    CONTAINER = "container"
    PROBE = "probe"
    BREAKER = "breaker"
    ALERT = "alert"
    PROMISE = "promise"  # lanes only
    PEOPLE = "people"  # lines only: what a person did to the run
    TROUBLE = "trouble"  # lines only
