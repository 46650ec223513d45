"""The broken variants of the API, chosen by the variable DEFECT: the one place that knows of them.

The honest code asks three questions; what keeps data badly is in `broken`, put in once where the parts are
wired; otherwise it is free of them. A word that is not in the list stops the
start, because a typo would leave an honest API in place of the broken one that somebody believes to be
testing.
"""

from __future__ import annotations

from dataclasses import dataclass

KNOWN = (
    "no_breaker",
    "no_fallback",
    "no_timeout",
    "ack_before_commit",
    "double_booking",
    "no_idempotency",
)


class UnknownDefectError(ValueError):
    """DEFECT names a broken variant that does not exist."""


@dataclass(frozen=True)
class Defects:
    no_breaker: bool = False  # calls to the PMS go straight through; the state gauge stays at 0
    no_fallback: bool = False  # neither stale answers nor a queue: the caller gets the 502 or 503
    no_timeout: bool = False  # calls to dependencies wait for ever
    ack_before_commit: bool = False  # answers a moment before the row is durable
    double_booking: bool = False  # the constraint against overlapping stays is gone, as by a bad migration
    no_idempotency: bool = False  # the same request again is another booking


def parse_defects(text: str) -> Defects:
    """A comma list of names as Defects; UnknownDefectError names the first wrong one."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in KNOWN:
            raise UnknownDefectError(f"DEFECT={text!r}: {name!r} is not one of {', '.join(KNOWN)}")
    return Defects(**dict.fromkeys(names, True))
