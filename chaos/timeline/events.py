"""The journal's events. One class a kind; ``event`` tells them apart on disk.

``at`` is wall-clock seconds since the epoch (the axis shared with Prometheus, Locust and the containers),
``mono`` the harness's monotonic clock at the same instant.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from chaos.model.base import Frozen

SCHEMA_VERSION = 2  # 2: procedures; all that 1 has is still read


class Phase(StrEnum):
    START = "start"  # the stack comes up
    STEADY = "steady"  # load runs, the steady state is awaited
    TIMELINE = "timeline"  # faults come and go
    RECOVERY = "recovery"  # all faults are gone; health and resolved alerts are awaited
    TEARDOWN = "teardown"


class Measurement(Frozen):
    """What a witness measured once: the effect itself, not the answer of the tool that injected it.

    ``values`` are named readings, e.g. ``{"outcome": "refused"}``, ``{"round_trip_s": 0.101}``,
    ``{"state": "exited"}``.
    """

    subject: str
    values: Mapping[str, str | float | bool | None]


class _Event(Frozen):
    at: float
    mono: float


class RunStarted(_Event):
    event: Literal["run_started"] = "run_started"
    schema_version: int = SCHEMA_VERSION
    run_id: str
    versions: Mapping[str, str] = {}


class PhaseBegan(_Event):
    event: Literal["phase_began"] = "phase_began"
    phase: Phase


class Sample(_Event):
    """One reading of one probe.

    ``started`` is when the request was made; ``at`` when the answer was there.
    """

    event: Literal["sample"] = "sample"
    probe: str
    ok: bool  # the probe's condition held
    started: float
    status: int | None = None
    value: float | None = None
    detail: str = ""  # why not ok: refused, reset, timeout, status 503, no data


class SteadyState(_Event):
    """The steady state was reached (``held``), or its deadline passed without it; before injection or
    after recovery.
    """

    event: Literal["steady_state"] = "steady_state"
    when: Literal["before", "after"]
    held: bool
    since: float | None = None  # the first instant of the window that held
    failing: tuple[str, ...] = ()  # labels of conditions that did not hold, with what was seen


class FaultIntended(_Event):
    """Written and fsynced before the blow, after its undo was registered."""

    event: Literal["fault_intended"] = "fault_intended"
    index: int


class FaultMeasured(_Event):
    event: Literal["fault_measured"] = "fault_measured"
    index: int
    when: Literal["before", "during", "after"]
    bites: bool
    measurement: Measurement


class FaultInjected(_Event):
    """The call to inject returned. Whether it bites is what ``fault_measured`` says."""

    event: Literal["fault_injected"] = "fault_injected"
    index: int


class FaultReverted(_Event):
    """The undo ran and was read back. ``ok`` False: exit code 5."""

    event: Literal["fault_reverted"] = "fault_reverted"
    index: int
    ok: bool
    detail: str = ""


class ContainerState(_Event):
    """State of a service's container whenever it changed: running, exited, paused, ...; health where it
    has a check.
    """

    event: Literal["container_state"] = "container_state"
    service: str
    state: str
    health: str = ""


class LoadStarted(_Event):
    event: Literal["load_started"] = "load_started"
    profile: str
    rate: float


class LoadStopped(_Event):
    event: Literal["load_stopped"] = "load_stopped"
    sent: int
    detail: str = ""  # why it stopped, if not because it was told to


class ProcedureBegan(_Event):
    """``index`` is the timeline step that it answers, None for one that prepares or is rehearsed."""

    event: Literal["procedure_began"] = "procedure_began"
    procedure: str
    purpose: Literal["prepare", "rehearse", "answer"]
    index: int | None = None


class ProcedureStepBegan(_Event):
    event: Literal["procedure_step_began"] = "procedure_step_began"
    procedure: str
    step: str


class ProcedureStepEnded(_Event):
    """``ok``: its commands succeeded and its check held. ``output``: the end of what they printed.

    ``told`` False: a command said that it cannot tell, so that it failed says nothing of the system.
    """

    event: Literal["procedure_step_ended"] = "procedure_step_ended"
    procedure: str
    step: str
    ok: bool
    detail: str = ""
    output: str = ""
    told: bool = True


class ProcedureEnded(_Event):
    """``ok`` False: it stopped at the step that failed."""

    event: Literal["procedure_ended"] = "procedure_ended"
    procedure: str
    ok: bool
    detail: str = ""


class GuardrailTripped(_Event):
    event: Literal["guardrail_tripped"] = "guardrail_tripped"
    probe: str
    value: float
    bound: float


class RunInterrupted(_Event):
    event: Literal["run_interrupted"] = "run_interrupted"
    reason: str


class LeftOver(_Event):
    """What was still there after the teardown, by kind; empty tuples mean clean."""

    event: Literal["left_over"] = "left_over"
    containers: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        return self.containers + self.networks + self.volumes + self.processes


class RunEnded(_Event):
    """The last line. ``error`` is set when the harness or the stack broke; the rest of the recording still
    stands.
    """

    event: Literal["run_ended"] = "run_ended"
    error: str = ""


Event = Annotated[
    RunStarted
    | PhaseBegan
    | Sample
    | SteadyState
    | FaultIntended
    | FaultMeasured
    | FaultInjected
    | FaultReverted
    | ContainerState
    | LoadStarted
    | LoadStopped
    | ProcedureBegan
    | ProcedureStepBegan
    | ProcedureStepEnded
    | ProcedureEnded
    | GuardrailTripped
    | RunInterrupted
    | LeftOver
    | RunEnded,
    Field(discriminator="event"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
