"""The events of the journal. One class per kind; on disk ``event`` names the class.

Each event has both clocks (``chaos.timeline.event_base``). Events about how well the run could observe are in
``chaos.timeline.observations``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import (
    ConfigDict,
    Field,
    JsonValue,
    SerializerFunctionWrapHandler,
    TypeAdapter,
    model_serializer,
)

from chaos.model.base import Frozen
from chaos.timeline.event_base import AnyFloat, Reading, TimedEvent
from chaos.timeline.observations import (
    ContainersRead,
    LinkUse,
    LinkUseUnknown,
    MachineReading,
    ProbeStarted,
    ProbeWaiting,
    RulesEvaluated,
    WatchedOn,
    WritersStarted,
    WritersStopped,
)
from chaos.timeline.steered import ControlRefused, InjectedNow, NoteWritten, RunHeld, RunResumed

SCHEMA_VERSION = 3
"""2 added procedures. 3 added numbered lines, both clocks everywhere, planned rates, unanswered requests, the
machine, the use of links, and the controls that people used. gameday still reads versions 1 and 2."""


class Phase(StrEnum):
    START = "start"  # the stack starts
    STEADY = "steady"  # load runs; the run waits for the steady state
    TIMELINE = "timeline"  # faults are injected and undone
    RECOVERY = "recovery"  # all faults are undone; the run waits for health and resolved alerts
    TEARDOWN = "teardown"


Purpose = Literal["prepare", "rehearse", "answer"]
"""Why a run carries out a procedure."""


class Measurement(Frozen):
    """One measurement of a witness: of the effect itself, not of the answer of the tool that injected it.

    ``values``: name -> reading, such as ``{"outcome": "refused"}``, ``{"round_trip_s": 0.101}`` or
    ``{"state": "exited"}``.
    """

    subject: str
    values: Mapping[str, str | Annotated[float, Field(allow_inf_nan=False)] | bool | None]


class RunStarted(TimedEvent):
    event: Literal["run_started"] = "run_started"
    schema_version: int = SCHEMA_VERSION
    run_id: str
    versions: Mapping[str, str] = {}


class PhaseBegan(TimedEvent):
    event: Literal["phase_began"] = "phase_began"
    phase: Phase


class Sample(Reading):
    """One reading of one probe.

    ``started``: when the request was sent (``started_mono``: the same by the monotonic clock; None before
    version 3). ``at``: when the answer was complete.
    """

    event: Literal["sample"] = "sample"
    probe: str
    ok: bool  # the probe's condition held
    started: float
    started_mono: float | None = None
    status: int | None = None
    value: AnyFloat | None = None
    detail: str = ""  # why not ok: refused, reset, timeout, status 503, no data
    payload: str = ""  # JSON whose form the collector defines; left out of the file if empty

    @model_serializer(mode="wrap")
    def _without_an_empty_payload(self, write: SerializerFunctionWrapHandler) -> dict[str, JsonValue]:
        """Leaves out an empty payload: most of the thousands of samples have none."""
        written: dict[str, JsonValue] = write(self)
        if not self.payload:
            written.pop("payload", None)
        return written


class SteadyState(TimedEvent):
    """The steady state was reached (``held``), or its deadline passed without it. ``when``: before the
    injection or after the recovery.
    """

    event: Literal["steady_state"] = "steady_state"
    when: Literal["before", "after"]
    held: bool
    since: float | None = None  # the first instant of the window that held
    since_mono: float | None = None  # the same by the monotonic clock; None before version 3
    failing: tuple[str, ...] = ()  # labels of conditions that did not hold, with what was seen


class FaultIntended(TimedEvent):
    """gameday is about to inject a fault. Written and fsynced after the undo was registered."""

    event: Literal["fault_intended"] = "fault_intended"
    index: int


class FaultMeasured(TimedEvent):
    """A witness has measured a fault. ``took``: seconds that this took, up to ``at``; None in older
    recordings.
    """

    event: Literal["fault_measured"] = "fault_measured"
    index: int
    when: Literal["before", "during", "after"]
    took_effect: bool = Field(alias="bites")  # the name in the files of every version
    measurement: Measurement
    took: float | None = Field(default=None, ge=0)


class FaultInjected(TimedEvent):
    """The call that injects the fault has returned. ``fault_measured`` shows whether it took effect."""

    event: Literal["fault_injected"] = "fault_injected"
    index: int


class FaultReverted(TimedEvent):
    """The undo has run and was read back. ``ok`` False: exit code 5. ``detail`` of an ``ok``: what the fault
    repeated had failed before. ``took``: seconds since the undo began; None in older recordings, and if a
    procedure answered the fault.
    """

    event: Literal["fault_reverted"] = "fault_reverted"
    index: int
    ok: bool
    detail: str = ""
    took: float | None = None


class ContainerState(TimedEvent):
    """The state of a service's container has changed: running, exited, paused, and so on. ``health``: empty
    without a health check.
    """

    event: Literal["container_state"] = "container_state"
    service: str
    state: str  # a ``ContainerStatus``, or another word of the engine
    health: str = ""  # a ``HealthStatus``


class LoadStarted(TimedEvent):
    """The load begins: request number k is planned k / ``rate`` seconds after ``first``."""

    event: Literal["load_started"] = "load_started"
    profile: str
    rate: float  # requests a second
    first: float | None = None  # when the schedule began; None before version 3
    first_mono: float | None = None
    patience: float | None = None  # seconds after which a request without an answer is given up


class LoadStopped(TimedEvent):
    """The load has stopped. ``sent``: requests that the schedule reached. ``recorded``: requests with a line
    in load.jsonl: answered, given up, or still ``waiting``. None before version 3, or if the worker was
    killed.
    """

    event: Literal["load_stopped"] = "load_stopped"
    sent: int
    detail: str = ""  # why it stopped, unless gameday stopped it
    recorded: int | None = None
    waiting: int | None = None


class ProcedureBegan(TimedEvent):
    """``index``: the timeline step that the procedure answers; None if it prepares or is rehearsed."""

    event: Literal["procedure_began"] = "procedure_began"
    procedure: str
    purpose: Purpose
    index: int | None = None


class ProcedureStepBegan(TimedEvent):
    event: Literal["procedure_step_began"] = "procedure_step_began"
    procedure: str
    step: str


class ProcedureStepEnded(TimedEvent):
    """``ok``: its commands succeeded and its check held. ``output``: the end of what they printed.

    ``known`` False: a command ended with an exit code that means "unknown", so the failure says nothing about
    the system.
    """

    event: Literal["procedure_step_ended"] = "procedure_step_ended"
    procedure: str
    step: str
    ok: bool
    detail: str = ""
    output: str = ""
    known: bool = Field(default=True, alias="told")  # the name in the files of every version


class ProcedureEnded(TimedEvent):
    """``ok`` False: the procedure stopped at the step that failed."""

    event: Literal["procedure_ended"] = "procedure_ended"
    procedure: str
    ok: bool
    detail: str = ""


class GuardrailTripped(TimedEvent):
    event: Literal["guardrail_tripped"] = "guardrail_tripped"
    probe: str
    value: AnyFloat
    bound: float


class RunInterrupted(TimedEvent):
    event: Literal["run_interrupted"] = "run_interrupted"
    reason: str


class LeftOver(TimedEvent):
    """What the teardown left behind, by kind. Four empty tuples: nothing."""

    event: Literal["left_over"] = "left_over"
    containers: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        return self.containers + self.networks + self.volumes + self.processes


class StackLeft(TimedEvent):
    """The state of a stack that several runs share, compared with its state before this run.

    ``looked_at``: what was read. ``differences``: what has changed or could not be read. ``kept``: the stack
    stays for the next run; False: it was removed, because of a difference or because no run follows.
    """

    event: Literal["stack_left"] = "stack_left"
    kept: bool
    looked_at: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()


class RunEnded(TimedEvent):
    """The last event. ``error`` is set if gameday or the stack failed; the events before stay valid."""

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
    | StackLeft
    | ProbeStarted
    | ProbeWaiting
    | WritersStarted
    | WritersStopped
    | ContainersRead
    | LinkUse
    | LinkUseUnknown
    | RulesEvaluated
    | MachineReading
    | WatchedOn
    | RunHeld
    | RunResumed
    | InjectedNow
    | NoteWritten
    | ControlRefused
    | RunEnded,
    Field(discriminator="event"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event, config=ConfigDict(defer_build=True))
