"""The timeline in words: what happened when, in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chaos.model.alert_states import AlertState
from chaos.model.container_states import ContainerStatus
from chaos.model.stack import BreakerFacts
from chaos.report import human
from chaos.report.lanes import Lane
from chaos.report.people import people_line
from chaos.report.row_kind import RowKind
from chaos.report.tone import Tone
from chaos.timeline.events import (
    ContainerState,
    FaultInjected,
    FaultIntended,
    FaultMeasured,
    FaultReverted,
    GuardrailTripped,
    LeftOver,
    LoadStarted,
    LoadStopped,
    Measurement,
    Phase,
    PhaseBegan,
    ProcedureBegan,
    ProcedureEnded,
    ProcedureStepBegan,
    ProcedureStepEnded,
    RunEnded,
    RunInterrupted,
    RunStarted,
    SteadyState,
)
from chaos.timeline.procedures import PURPOSE_IN_WORDS
from chaos.timeline.questions import alert_spans, breaker_transitions
from chaos.timeline.recording import Recording

_WITNESS = 160  # characters of a witness's text; the evidence of its check has all of it
PHASE_MEANING = {
    Phase.START: "the stack comes up",
    Phase.STEADY: "load runs, the steady state is awaited",
    Phase.TIMELINE: "faults come and go",
    Phase.RECOVERY: "the faults are gone, health is awaited",
    Phase.TEARDOWN: "the stack goes away",
}


@dataclass(frozen=True)
class StoryLine:
    """One line of the timeline. ``at`` counts from the run's start, ``after`` from the first fault."""

    at: float
    after: float | None
    kind: RowKind
    text: str


def story(recording: Recording, probes: Iterable[Lane], broken: float | None) -> tuple[StoryLine, ...]:
    """Every event worth a line. ``broken`` is the first fault's start since the run began."""
    lines = [
        *_events(recording),
        *_alerts(recording),
        *_breakers(recording),
        *_probe_turns(recording, probes),
    ]
    return tuple(
        StoryLine(at - recording.began, None if broken is None else at - recording.began - broken, kind, text)
        for at, kind, text in sorted(lines, key=lambda item: item[0])
    )


Line = tuple[float, RowKind, str]  # instant on the run axis, kind, text


def _events(recording: Recording) -> Iterable[Line]:
    names = {planned.index: human.arrows(planned.step.summary()) for planned in recording.plan.steps}
    answers = {planned.index: planned.step.answer for planned in recording.plan.steps if planned.step.answer}
    proven: set[tuple[int, str]] = set()
    until = recording.phase_began(Phase.TEARDOWN)
    up = _stack_up(recording)
    if up:
        yield up[0], RowKind.CONTAINER, up[1]
    for event in recording.events:
        if isinstance(event, FaultMeasured):
            turn = (event.index, event.when)
            if event.when == "before" or turn in proven or event.took_effect is (event.when == "after"):
                continue
            proven.add(turn)
            what = "effect seen" if event.when == "during" else "effect gone"
            yield event.at, RowKind.FAULT, human.clipped(f"{what}: {measured(event.measurement)}", _WITNESS)
        elif isinstance(event, ContainerState):
            if (until is None or event.at < until) and (up is None or event.at > up[0]):
                health = f", {event.health}" if event.health else ""
                yield event.at, RowKind.CONTAINER, f"{event.service}: {event.state}{health}"
        else:
            line = _procedure_event(event, recording) or _fault_event(event, names, answers)
            line = line or people_line(event, names) or _plain_event(event)
            if line:
                yield event.at, *line


def _stack_up(recording: Recording) -> tuple[float, str] | None:
    """The instant at which the stack was up, for one line instead of three for each container."""
    steady = recording.phase_began(Phase.STEADY)
    if steady is None:
        return None
    changes = [event for event in recording.of(ContainerState) if event.at <= steady]
    if not changes:
        return None
    last = {event.service: event for event in changes}
    running = sum(event.state == ContainerStatus.RUNNING for event in last.values())
    return changes[-1].at, f"{running} of {human.count(len(last), 'container')} running"


def _procedure_event(event: object, recording: Recording) -> tuple[RowKind, str] | None:
    """Shows planned minutes with each started step; the next line shows how long it took."""
    match event:
        case ProcedureBegan():
            purpose = PURPOSE_IN_WORDS[event.purpose]
            return RowKind.PROCEDURE, f"procedure {event.procedure} begins: it {purpose}"
        case ProcedureStepBegan():
            known = recording.plan.procedures.get(event.procedure)
            step = next((s for s in known.steps if s.step == event.step), None) if known else None
            planned = f": {step.title} (planned {human.duration(step.planned)})" if step else ""
            return RowKind.PROCEDURE, f"{event.procedure}, step {event.step}{planned}"
        case ProcedureStepEnded() if event.ok:
            return RowKind.PROCEDURE, f"{event.procedure}, step {event.step} done"
        case ProcedureStepEnded():
            return RowKind.TROUBLE, f"{event.procedure}, step {event.step} FAILED: {event.detail}"
        case ProcedureEnded():
            how = "done" if event.ok else "stopped"
            return (RowKind.PROCEDURE if event.ok else RowKind.TROUBLE), f"procedure {event.procedure} {how}"
        case _:
            return None


def _fault_event(event: object, names: dict[int, str], answers: dict[int, str]) -> tuple[RowKind, str] | None:
    match event:
        case FaultIntended():
            after = (
                f"{answers[event.index]} answers it" if event.index in answers else "its undo is registered"
            )
            return RowKind.FAULT, f"about to inject {names.get(event.index, 'a fault')}; {after}"
        case FaultInjected():
            return RowKind.FAULT, f"injected {names.get(event.index, 'a fault')}"
        case FaultReverted():
            good, bad = ("answered", "NOT ANSWERED") if event.index in answers else ("undone", "UNDO FAILED")
            text = f"{good if event.ok else bad}: {names.get(event.index, 'a fault')}" + (
                f" ({event.detail})" if event.detail else ""
            )
            return (RowKind.FAULT if event.ok else RowKind.TROUBLE), text
        case _:
            return None


def _plain_event(event: object) -> tuple[RowKind, str] | None:
    """Kind and text of an event; None for samples."""
    match event:
        case RunStarted():
            return RowKind.RUN, "run started"
        case PhaseBegan():
            return RowKind.RUN, f"phase {event.phase}: {PHASE_MEANING[event.phase]}"
        case SteadyState():
            return _steady(event)
        case LoadStarted():
            return RowKind.RUN, f"load started: {event.profile}, {event.rate:g} requests a second"
        case LoadStopped():
            return RowKind.RUN, f"load stopped after {human.count(event.sent, 'request')}" + (
                f" ({event.detail})" if event.detail else ""
            )
        case _:
            return _trouble(event)


def _trouble(event: object) -> tuple[RowKind, str] | None:
    match event:
        case GuardrailTripped():
            return (
                RowKind.TROUBLE,
                f"guardrail {event.probe} tripped at {event.value:.0f} % (bound {event.bound:.0f} %)",
            )
        case RunInterrupted():
            return RowKind.TROUBLE, f"interrupted: {event.reason}"
        case LeftOver() if event.names():
            return RowKind.TROUBLE, f"left behind: {', '.join(event.names())}"
        case LeftOver():
            return RowKind.RUN, "nothing was left behind"
        case RunEnded():
            return (
                (RowKind.TROUBLE, f"the run broke: {event.error}")
                if event.error
                else (RowKind.RUN, "run ended")
            )
        case _:
            return None


def _steady(event: SteadyState) -> tuple[RowKind, str]:
    when = "before the fault" if event.when == "before" else "after the fault"
    if event.held:
        return RowKind.RUN, f"steady state held {when}"
    return RowKind.TROUBLE, f"no steady state {when}: {'; '.join(event.failing) or 'it did not hold in time'}"


def _alerts(recording: Recording) -> Iterable[Line]:
    for span in alert_spans(recording):
        yield span.start, RowKind.ALERT, f"{span.alert}: {span.state}"
        if span.end is not None and span.state == AlertState.FIRING:
            yield span.end, RowKind.ALERT, f"{span.alert}: resolved"


def _breakers(recording: Recording) -> Iterable[Line]:
    facts: BreakerFacts
    for name, facts in recording.plan.stack.breakers.items():
        for before, now in zip(
            (None, *(found := breaker_transitions(recording, facts))), found, strict=False
        ):
            text = (
                f"breaker {name}: {before.state} → {now.state}" if before else f"breaker {name}: {now.state}"
            )
            yield now.at, RowKind.BREAKER, text


def _probe_turns(recording: Recording, lanes: Iterable[Lane]) -> Iterable[Line]:
    """Where a probe began to fail and where it recovered, without each single failure."""
    for lane in lanes:
        well = None
        for span in lane.spans:
            good = span.tone is Tone.GOOD
            if well is not None and good != well:
                text = f"probe {lane.name}: {'ok again' if good else 'not ok (' + span.state + ')'}"
                yield span.start + recording.began, RowKind.PROBE, text
            well = good


def measured(measurement: Measurement) -> str:
    """``clients→web outcome refused, round trip 101 ms``."""
    parts = []
    for name, value in measurement.values.items():
        if name.endswith("_s") and isinstance(value, int | float) and not isinstance(value, bool):
            parts.append(f"{name[:-2].replace('_', ' ')} {human.duration(float(value))}")
        else:
            shown = "unknown" if value is None else str(value)
            if isinstance(value, bool):
                shown = "yes" if value else "no"
            if isinstance(value, float):
                shown = f"{value:g}"
            parts.append(f"{name.replace('_', ' ')} {shown}")
    return human.arrows(f"{measurement.subject} {', '.join(parts)}".strip())
