"""How a figure or a stretch of time looks in a report. The report also shows the word for it."""

from __future__ import annotations

from enum import StrEnum


class Tone(StrEnum):
    """The style sheets have a class of each name."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"
    PLAIN = "plain"
    # Only for stretches in the lanes:
    FAULT = "fault"
    ALARM = "alarm"
    PENDING = "pending"
    SHIELD = "shield"
    TRIAL = "trial"
    WARN = "warn"
    QUIET = "quiet"
