"""Open-loop senders: requests begin on schedule, whether or not earlier ones were answered."""

from __future__ import annotations

from math import ceil

MOST_REQUESTS = 900  # of a load: below the usual limit of 1024 open files
MOST_WRITES = 200  # of one ledger writer, which runs beside the load


def most_in_flight(rate: float, timeout: float, most: int) -> int:
    """How many calls may be unanswered at once, at ``rate`` a second with a patience of ``timeout`` seconds.

    A target that never answers makes ``rate * timeout`` of them. A quarter more, and 10, so that jitter of
    the schedule is no overload; at most ``most``.
    """
    return min(most, ceil(rate * timeout * 1.25) + 10)
