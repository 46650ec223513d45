"""How a dial over a link ends, as its client sees it."""

from __future__ import annotations

from enum import StrEnum


class DialOutcome(StrEnum):
    ANSWERED = "answered"  # completely
    CONNECTED = "connected"  # gameday has no request for the role; the connection stays open
    CUT = "cut"  # the connection ended within the answer
    SLOW = "slow"  # a part of the answer had come when the time was over
    CLOSED = "closed"
    RESET = "reset"
    REFUSED = "refused"
    TIMEOUT = "timeout"  # nothing came in time
