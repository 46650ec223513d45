"""The progress that a run reports."""

from __future__ import annotations

from dataclasses import dataclass

from chaos.model.alert_states import ActiveAlert
from chaos.timeline.events import Phase


@dataclass(frozen=True)
class ProbeState:
    """The last sample of a probe of the steady state."""

    probe: str
    ok: bool
    detail: str = ""  # why not ok


@dataclass(frozen=True)
class BreakerReading:
    """The state of a breaker, by its name in stack.yaml."""

    breaker: str
    state: str  # "?": its gauge has no sample, or a value that stack.yaml does not name

    def __str__(self) -> str:
        return f"{self.breaker} {self.state}"


@dataclass(frozen=True)
class ClientState:
    """How clients were served in the last seconds: how many requests were answered or failed, the share that
    was not served (0 to 1), and the 95th percentile of the latency in seconds; None where there was none.
    """

    answered: int
    error_rate: float | None
    latency_p95: float | None


@dataclass(frozen=True)
class Progress:
    """The state of a run at one moment: current activity, remaining time, alerts and breakers.

    ``elapsed`` and ``remaining`` in seconds; ``remaining`` is an estimate from the plan and never negative.
    """

    run_id: str
    scenario: str
    phase: Phase
    message: str
    elapsed: float
    remaining: float
    alerts: tuple[ActiveAlert, ...] | None = ()  # None: unknown, because Prometheus does not answer
    breakers: tuple[BreakerReading, ...] = ()
    probes: tuple[ProbeState, ...] = ()
    clients: ClientState | None = None  # None: the scenario has no load
    held: bool = False
    milestone: bool = False  # worth a line of its own in a plain log
