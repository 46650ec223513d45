"""The noise floor with the results: a control run, and this run before and during its fault."""

from __future__ import annotations

from dataclasses import dataclass

from chaos.model.noise_floor import NoiseFloor
from chaos.report import human
from chaos.timeline.before_fault import before_fault
from chaos.timeline.events import Phase
from chaos.timeline.noise_floor import fault_floor, measured_between
from chaos.timeline.recording import Recording


@dataclass(frozen=True)
class NoiseRow:
    """One measure: in a control run without faults, in this run before its fault, and during the fault."""

    measure: str
    control: str
    before: str
    during: str


@dataclass(frozen=True)
class Noise:
    """``control``: the control run; "" without one."""

    control: str
    rows: tuple[NoiseRow, ...]


def noise(recording: Recording) -> Noise | None:
    """None: the run had no fault, so there is nothing to compare."""
    during = fault_floor(recording)
    if during is None:
        return None
    began = recording.phase_began(Phase.STEADY) or recording.began
    before = measured_between(recording, began, began + before_fault(recording).seconds)
    control = recording.plan.noise_floor
    said = [_said(one) for one in (control, before, during)]
    rows = (NoiseRow(name, *(column[name] for column in said)) for name in _said(during))
    return Noise("" if control is None else control.run_id, tuple(rows))


def _said(floor: NoiseFloor | None) -> dict[str, str]:
    def share(value: float | None) -> str:
        return human.NO_DATA if value is None else f"{value:.1%}"

    if floor is None:
        return dict.fromkeys(_said(_NOTHING), "not run")
    return {
        "length": human.duration(floor.seconds),
        "requests": str(floor.requests),
        "p50": human.duration(floor.p50),
        "p95": human.duration(floor.p95),
        "p99": human.duration(floor.p99),
        "not served": share(floor.not_served),
        "degraded": share(floor.degraded),
        "alerts that fired": human.NO_DATA if floor.alerts is None else ", ".join(floor.alerts) or "none",
        "cores busy": share(floor.cpu_busy),
        "gameday late by at most": human.duration(floor.longest_lag),
    }


_NOTHING = NoiseFloor(
    run_id="",
    seconds=0.0,
    requests=0,
    p50=None,
    p95=None,
    p99=None,
    not_served=None,
    degraded=None,
    alerts=None,
    cpu_busy=None,
    longest_lag=None,
)
