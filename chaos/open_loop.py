"""Limits of open-loop senders. They send on schedule, whether or not earlier requests were answered."""

from __future__ import annotations

from math import ceil

MOST_REQUESTS = 900  # of a load: below the usual limit of 1024 open files
MOST_WRITES = 200  # of one ledger writer, which runs beside the load


def most_in_flight(rate: float, timeout: float, most: int) -> int:
    """How many calls may be unanswered at once, at ``rate`` calls a second and a time-out in seconds.

    If the target never answers, ``rate * timeout`` calls wait. The result is a quarter more plus 10, so that
    jitter of the schedule is not taken for overload, and never more than ``most``.
    """
    return min(most, ceil(rate * timeout * 1.25) + 10)
