"""The figures of a system without faults, for comparison with the results of a run with faults."""

from __future__ import annotations

from chaos.model.base import Frozen


class NoiseFloor(Frozen):
    """Figures of clients, alerts and the machine in one period of a run.

    ``seconds``: its length. ``p50``, ``p95``, ``p99``: latency in seconds. ``not_served``, ``degraded``,
    ``cpu_busy``: shares, 0 to 1. ``alerts``: those that fired. ``longest_lag``: of gameday's event loop, in
    seconds. None: unknown, or too few requests.
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
