"""How often a run measures, and how long it waits for it. Real seconds; no pace compresses them.

The runner keeps to these figures, and what is said about a run beforehand is computed from the same ones.
"""

from __future__ import annotations

WITNESS_DEADLINE = 5.0
"""Within it the effect of a fault must show."""

WITNESS_EVERY = 0.1
"""Between two measurements of a fault until its effect has shown, or has gone."""

HOLDING_EVERY = 1.0
"""Between two measurements of a fault that holds."""

GONE_DEADLINE = 10.0
"""Within it the effect of a fault must have gone after the undo."""

ROUND_TRIP_TIMEOUT = 2.0
"""How long the witness of a link waits for the first byte, as a client would."""

PROBE_HZ = 12.5
"""Readings of an HTTP probe a second; a client notices a break within 80 ms."""

CLIENT_PATIENCE = 10.0
"""How long a client waits for an answer where neither a promise nor the load says so."""

MOST_READINGS = 100
"""Readings of one probe that may wait at once: more would be a load of their own on what hangs."""


def probe_every(patience: float) -> float:
    """Seconds between two readings of an HTTP probe that waits ``patience`` seconds for each answer."""
    return max(1 / PROBE_HZ, patience / MOST_READINGS)
