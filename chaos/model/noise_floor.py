"""What a system shows without any fault: the noise that the results of a run with faults stand on."""

from __future__ import annotations

from chaos.model.base import Frozen


class NoiseFloor(Frozen):
    """What clients, alerts and the machine showed in one stretch of a run.

    Seconds and shares of 0 to 1. None: unknown, or too few requests. ``alerts``: those that fired in it.
    """

    run_id: str
    seconds: float
    requests: int
    p50: float | None
    p95: float | None
    p99: float | None
    not_served: float | None
    degraded: float | None
    alerts: tuple[str, ...] | None
    cpu_busy: float | None
    longest_lag: float | None
