"""The lanes under the chart: the states over time. Seconds since the run began."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from chaos.model.alert_states import AlertState
from chaos.model.answers import PROMISE_PROBE
from chaos.model.breaker_states import BreakerState
from chaos.model.container_states import ContainerStatus, healthy
from chaos.report import human
from chaos.report.row_kind import RowKind
from chaos.report.tone import Tone
from chaos.timeline.events import ContainerState, Phase, PhaseBegan, RunEnded, Sample
from chaos.timeline.procedures import procedure_runs
from chaos.timeline.questions import alert_spans, breaker_states, breaker_transitions, fault_windows
from chaos.timeline.recording import Recording


@dataclass(frozen=True)
class Stretch:
    """One stretch in one state. ``tone`` chooses the look; ``state`` is written beside it."""

    start: float
    end: float
    state: str
    tone: Tone
    open: bool = False  # the state still held when the recording ended
    detail: str = ""


@dataclass(frozen=True)
class Lane:
    group: RowKind
    name: str
    spans: tuple[Stretch, ...]


@dataclass(frozen=True)
class Lanes:
    lanes: tuple[Lane, ...]
    steady: tuple[str, ...]  # subjects that never changed, in words


_BREAKER_TONES: Mapping[str, Tone] = {
    BreakerState.CLOSED: Tone.GOOD,
    BreakerState.HALF_OPEN: Tone.TRIAL,
    BreakerState.OPEN: Tone.SHIELD,
}
_TEMPORARY = (
    ContainerStatus.RUNNING,
    ContainerStatus.RESTARTING,
    ContainerStatus.CREATED,
    ContainerStatus.PAUSED,
)
_SAMPLE_GAP = 5.0  # seconds without a reading after which a probe's state is unknown


def lanes(recording: Recording) -> Lanes:
    """Every lane, from cause to effect; lanes without a change are named, not drawn."""
    containers, still = _containers(recording)
    probes, well = _probes(recording)
    breakers, alerts = _breakers(recording), _alerts(recording)
    silent = [lane.name for lane in alerts if not lane.spans]
    steady = [f"{name}: running throughout" for name in still] + [f"{name}: ok throughout" for name in well]
    if silent and recording.metrics.complete:
        steady.append(f"{human.count(len(silent), 'alert')} stayed inactive: {', '.join(silent)}")
    caused = (*_faults(recording), *_procedures(recording))
    drawn = (*_phases(recording), *caused, *containers, *probes, *breakers)
    return Lanes((*drawn, *(lane for lane in alerts if lane.spans)), tuple(steady))


def _phases(recording: Recording) -> tuple[Lane, ...]:
    marks = [(e.at, str(e.phase)) for e in recording.of(PhaseBegan)]
    if not marks:
        return ()
    spans = _stretch(marks, recording.ended, recording.began, lambda state: Tone.QUIET)
    if not any(recording.of(RunEnded)):
        spans = (*spans[:-1], replace(spans[-1], open=True))
    return (Lane(RowKind.RUN, "phase", spans),)


def _faults(recording: Recording) -> Iterable[Lane]:
    steps = {planned.index: planned for planned in recording.plan.steps}
    for window in fault_windows(recording):
        planned = steps.get(window.index)
        name = planned.step.summary() if planned else f"fault {window.index + 1}"
        seen = "its effect was never seen" if window.first_seen is None else "its effect was seen"
        end = recording.ended if window.end is None else window.end
        failed = "undo failed" if planned is None or planned.step.answer is None else "not answered"
        state = "in place" if window.end is None or window.undone else failed
        span = Stretch(
            window.start - recording.began, end - recording.began, state, Tone.FAULT, window.end is None, seen
        )
        yield Lane(RowKind.FAULT, human.arrows(name), (span,))


def _procedures(recording: Recording) -> Iterable[Lane]:
    """One lane for each procedure, one stretch for each step."""
    for run in procedure_runs(recording):
        spans = tuple(
            Stretch(
                step.start - recording.began,
                (recording.ended if step.end is None else step.end) - recording.began,
                step.step,
                Tone.BAD if step.ok is False else Tone.SHIELD,
                step.end is None,
                step.detail,
            )
            for step in run.steps
        )
        if spans:
            yield Lane(RowKind.PROCEDURE, run.procedure, spans)


def _containers(recording: Recording) -> tuple[list[Lane], list[str]]:
    changes: dict[str, list[tuple[float, str]]] = {}
    tones: dict[str, Tone] = {}
    for event in recording.of(ContainerState):
        state = event.state if healthy(event.health) else f"{event.state}, {event.health}"
        changes.setdefault(event.service, []).append((event.at, state))
        tones[state] = _container_tone(event)
    since = recording.phase_began(Phase.TIMELINE) or recording.phase_began(Phase.STEADY) or recording.began
    until = recording.phase_began(Phase.TEARDOWN) or recording.ended
    drawn, still = [], []
    for service, marks in sorted(changes.items()):
        shown = _without_teardown(marks, until)
        first = _state_at(shown, since)
        seen = [*([] if first is None else [first]), *(state for at, state in shown if at >= since)]
        if any(tones[state] is not Tone.GOOD for state in seen):
            drawn.append(
                Lane(RowKind.CONTAINER, service, _stretch(shown, until, recording.began, tones.__getitem__))
            )
        else:
            still.append(service)
    return drawn, still


def _without_teardown(marks: Sequence[tuple[float, str]], until: float) -> list[tuple[float, str]]:
    """Ignores a container that stops because the stack is removed."""
    return [mark for mark in marks if mark[0] < until]


def _state_at(marks: Sequence[tuple[float, str]], instant: float) -> str | None:
    return next((state for at, state in reversed(marks) if at <= instant), None)


def _container_tone(event: ContainerState) -> Tone:
    if event.state == ContainerStatus.RUNNING and healthy(event.health):
        return Tone.GOOD
    return Tone.WARN if event.state in _TEMPORARY else Tone.BAD


def _probes(recording: Recording) -> tuple[list[Lane], list[str]]:
    readings: dict[str, list[Sample]] = {}
    for sample in recording.of(Sample):
        readings.setdefault(sample.probe, []).append(sample)
    since = recording.phase_began(Phase.TIMELINE) or recording.began
    until = recording.phase_began(Phase.TEARDOWN) or recording.ended
    drawn, well = [], []
    for probe, samples in readings.items():
        shown = [sample for sample in samples if sample.started < until]
        if probe.startswith(PROMISE_PROBE):
            drawn.append(
                Lane(
                    RowKind.PROMISE,
                    probe.removeprefix(PROMISE_PROBE),
                    tuple(_promise_spans(recording, shown)),
                )
            )
        elif all(sample.ok for sample in shown if sample.started >= since):
            well.append(f"probe {probe}")
        else:
            drawn.append(Lane(RowKind.PROBE, probe, tuple(_probe_spans(shown, recording.began))))
    return drawn, well


def _promise_spans(recording: Recording, samples: Sequence[Sample]) -> Iterable[Stretch]:
    """A promised degradation must show only while a fault is in place."""
    windows = [
        (w.start - recording.began, w.end - recording.began) for w in fault_windows(recording) if w.end
    ]
    for span in _probe_spans(samples, recording.began):
        if span.tone is Tone.GOOD:
            yield replace(span, state="as promised", tone=Tone.SHIELD)
            continue
        within = sum(max(0.0, min(span.end, end) - max(span.start, start)) for start, end in windows)
        yield replace(span, tone=Tone.BAD if within > (span.end - span.start) / 2 else Tone.QUIET)


def _probe_spans(samples: Sequence[Sample], origin: float) -> Iterable[Stretch]:
    """Stretches of readings that agree; a pause between readings longer than _SAMPLE_GAP is left blank."""
    current: Stretch | None = None
    for sample in sorted(samples, key=lambda reading: reading.started):
        start, end = sample.started - origin, sample.at - origin
        state, tone = ("ok", Tone.GOOD) if sample.ok else (sample.detail or "not ok", Tone.BAD)
        if current and current.state == state and start - current.end <= _SAMPLE_GAP:
            current = replace(current, end=max(current.end, end))
            continue
        if current:
            joined = start if start - current.end <= _SAMPLE_GAP else current.end
            yield replace(current, end=joined)
        current = Stretch(start, end, state, tone)
    if current:
        yield current


def _breakers(recording: Recording) -> Iterable[Lane]:
    """Each lane ends with the last scrape that saw the gauge: the state after it is unknown."""
    for name, facts in recording.plan.stack.breakers.items():
        marks = [(t.at, t.state) for t in breaker_transitions(recording, facts)]
        if marks:
            end = breaker_states(recording, facts)[-1][0]
            spans = _stretch(marks, end, recording.began, lambda s: _BREAKER_TONES.get(s, Tone.UNKNOWN))
            yield Lane(RowKind.BREAKER, name, spans)


def _alerts(recording: Recording) -> list[Lane]:
    """One lane for each alert; series of an alert with different labels share it."""
    facts = recording.plan.detection
    spans: dict[str, list[Stretch]] = {rule.alert: [] for rule in facts.rules} if facts else {}
    quiet = facts.reading_nothing if facts else frozenset()
    for found in alert_spans(recording):
        end = found.end if found.end is not None else (recording.metrics.read_to or recording.ended)
        labels = ", ".join(f"{key}={value}" for key, value in found.labels)
        tone = Tone.ALARM if found.state == AlertState.FIRING else Tone.PENDING
        tone = Tone.QUIET if found.alert in quiet else tone
        span = Stretch(
            found.start - recording.began, end - recording.began, found.state, tone, found.end is None, labels
        )
        spans.setdefault(found.alert, []).append(span)
    return [Lane(RowKind.ALERT, alert, tuple(items)) for alert, items in sorted(spans.items())]


def _stretch(
    marks: Sequence[tuple[float, str]], end: float, origin: float, tone: Callable[[str], Tone]
) -> tuple[Stretch, ...]:
    """States that hold from one mark to the next; the last one holds to ``end``."""
    ordered = sorted(marks)
    bounds = [*ordered, (max(end, ordered[-1][0]) if ordered else end, "")]
    return tuple(
        Stretch(at - origin, until - origin, state, tone(state))
        for (at, state), (until, _) in pairwise(bounds)
    )
