"""The progress that a run reports."""

from __future__ import annotations

from dataclasses import dataclass, field

from chaos.timeline.events import Phase


@dataclass(frozen=True)
class ProbeState:
    """The last sample of a probe of the steady state."""

    probe: str
    ok: bool
    detail: str = ""  # why not ok


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
    alerts: tuple[str, ...] = ()  # "alert firing", "alert pending"
    breakers: tuple[str, ...] = field(default=())  # "name open"
    probes: tuple[ProbeState, ...] = ()
    clients: ClientState | None = None  # None: the scenario has no load
    held: bool = False
    milestone: bool = False  # worth a line of its own in a plain log
