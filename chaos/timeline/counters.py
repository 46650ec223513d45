"""Counters that only grow, and restart at zero with their server."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise


def grown(readings: Iterable[int]) -> int:
    """How much a counter grew over its readings, oldest first; it counts from zero again after a fall.

    What it counted between the last reading before a restart and the restart is lost.
    """
    return sum(after - before if after >= before else after for before, after in pairwise(readings))
