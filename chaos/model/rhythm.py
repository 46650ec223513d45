"""How often a run measures, and how long it waits. Real seconds; the pace does not compress them.

The runner uses these figures, and ``gameday plan`` computes its remarks from the same ones.
"""

from __future__ import annotations

WITNESS_DEADLINE = 5.0
"""Time within which the effect of a fault must show."""

WITNESS_EVERY = 0.1
"""Time between two measurements of a fault until its effect shows, or is gone."""

HOLDING_EVERY = 1.0
"""Time between two measurements of a fault that holds."""

GONE_DEADLINE = 10.0
"""Time after the undo within which the effect of a fault must be gone."""

ROUND_TRIP_TIMEOUT = 2.0
"""How long the witness of a link waits for the first byte, as a client would."""

PROBE_HZ = 12.5
"""Readings of an HTTP probe per second: one every 80 ms."""

CLIENT_PATIENCE = 10.0
"""How long a client waits for an answer, unless a promise or the load sets another time."""

MOST_READINGS = 100
"""Readings of one probe that may wait at once: more would be additional load on a service that hangs."""


def probe_every(patience: float) -> float:
    """Seconds between two readings of an HTTP probe that waits ``patience`` seconds for each answer."""
    return max(1 / PROBE_HZ, patience / MOST_READINGS)
