"""The states of a circuit breaker that gameday knows, by the names that stack.yaml and scenarios use."""

from __future__ import annotations

from enum import StrEnum


class BreakerState(StrEnum):
    """stack.yaml may name more states, so readings hold them as text."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"
