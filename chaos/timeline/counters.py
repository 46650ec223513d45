"""Evaluates counters that only grow, and that begin at zero again when their server restarts."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise


def grown(readings: Iterable[int]) -> int:
    """How much a counter grew over its readings, which are oldest first. A smaller value means a restart.

    What it counted from the last reading before a restart to the restart is missing.
    """
    return sum(after - before if after >= before else after for before, after in pairwise(readings))
