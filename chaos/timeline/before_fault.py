"""Measurements before the first fault, for comparison with the results of the run. Pure; run axis."""

from __future__ import annotations

from dataclasses import dataclass

from chaos.timeline.asked import ended_before
from chaos.timeline.events import Phase
from chaos.timeline.machine import MachineLoad, machine_load
from chaos.timeline.questions import first_struck, percentile
from chaos.timeline.recording import Recording

LEAST_REQUESTS = 10  # as many as a promise needs


@dataclass(frozen=True)
class BeforeFault:
    """Figures from the start of the steady phase to the first injection; without a fault to the teardown.

    ``seconds``: length of that period. ``p95``: latency in seconds. ``not_served``: share of the requests, 0
    to 1. None: too few requests.
    """

    seconds: float
    requests: int
    p95: float | None
    not_served: float | None
    machine: MachineLoad


def before_fault(recording: Recording) -> BeforeFault:
    """The figures of the run before its first fault."""
    struck = first_struck(recording)
    teardown = recording.phase_began(Phase.TEARDOWN)
    end = next(at for at in (struck, teardown, recording.ended) if at is not None)
    steady = recording.phase_began(Phase.STEADY)
    start = recording.began if steady is None else steady
    asked = [(one.latency, one.served) for one in ended_before(recording, end)]
    enough = len(asked) >= LEAST_REQUESTS
    return BeforeFault(
        seconds=max(0.0, end - start),
        requests=len(asked),
        p95=percentile([latency for latency, _ in asked], 0.95) if enough else None,
        not_served=sum(not well for _, well in asked) / len(asked) if enough else None,
        machine=machine_load(recording, start, end),
    )
