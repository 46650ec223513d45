"""Moves every instant of a recording onto the run axis, so that other modules need not use the wall clock.

Version 3 has the monotonic clock everywhere except in the samples of Prometheus. Older versions have it in
events only. Their requests, ledger lines and samples are mapped if the wall clock was set during the run, and
otherwise stay as they were read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from math import isnan
from typing import TypeVar

from chaos.model import run_files
from chaos.timeline.clock import ClockReading, RunClock, run_clock
from chaos.timeline.damage import Damage
from chaos.timeline.events import Event, LoadStarted, Sample, SteadyState
from chaos.timeline.ledger import LedgerOp, StoreRead
from chaos.timeline.lines import NUMBERED_SINCE
from chaos.timeline.observations import ProbeWaiting, RuleGroupState, RulesEvaluated
from chaos.timeline.recording import Metrics, Recording, Series, Unanswered
from chaos.timeline.requests import Requests

T = TypeVar("T")


def on_run_axis(recording: Recording) -> Recording:
    """The same recording on the run axis. What has no place on it is left out and counted in ``problems``, so
    that results which need that part are INCONCLUSIVE.
    """
    clock = run_clock(ClockReading(event.at, event.mono) for event in recording.events)
    if recording.version < NUMBERED_SINCE and not clock.steps:
        return replace(recording, clock=clock)
    moved = _Mover(clock)
    metrics, unplaced = moved.metrics(recording.metrics)
    requests = moved.requests(recording.requests)
    ledger = moved.kept(recording.ledger, moved.op)
    reads = moved.kept(recording.reads, moved.read)
    problems = [
        *recording.problems,
        *_lost(run_files.METRICS, "samples of Prometheus", unplaced, clock),
        *_lost(run_files.LOAD, "requests", len(recording.requests) - len(requests), clock),
        *_lost(run_files.LEDGER, "lines", len(recording.ledger) - len(ledger), clock),
        *_lost(run_files.READBACK, "final reads", len(recording.reads) - len(reads), clock),
    ]
    return replace(
        recording,
        events=tuple(moved.event(event) for event in recording.events),
        requests=requests,
        waiting=tuple(moved.unanswered(one) for one in recording.waiting),
        ledger=ledger,
        reads=reads,
        metrics=metrics,
        problems=tuple(problems),
        clock=clock,
    )


def _lost(file: str, what: str, count: int, clock: RunClock) -> Iterable[Damage]:
    if count:
        steps = "; ".join(step.text() for step in clock.steps)
        yield Damage(file, f"{count} {what} cannot be placed in time: {steps or 'the clocks do not match'}")


class _Mover:
    """Moves one part of a recording at a time. None: the instant has no place on the run axis."""

    def __init__(self, clock: RunClock) -> None:
        self._clock = clock

    def kept(self, values: Sequence[T], move: Callable[[T], T | None]) -> tuple[T, ...]:
        moved = (move(value) for value in values)
        return tuple(value for value in moved if value is not None)

    def event(self, event: Event) -> Event:
        at = self._clock.of_mono(event.mono)
        changed: dict[str, object] = {"at": at}
        if isinstance(event, Sample):
            changed["started"] = self._earlier(event.started, event.started_mono, event.at, at)
        elif isinstance(event, SteadyState) and event.since is not None:
            changed["since"] = self._earlier(event.since, event.since_mono, event.at, at)
        elif isinstance(event, ProbeWaiting):
            changed["started"] = self._clock.of_mono(event.started_mono)
        elif isinstance(event, LoadStarted) and event.first_mono is not None:
            changed["first"] = self._clock.of_mono(event.first_mono)
        elif isinstance(event, RulesEvaluated):
            changed["groups"] = tuple(self._group(group) for group in event.groups)
        return event.model_copy(update=changed)

    def requests(self, found: Requests) -> Requests:
        of_mono = self._clock.of_mono
        if not any(map(isnan, found.intended_mono)) and not any(map(isnan, found.sent_mono)):
            return found.moved(map(of_mono, found.intended_mono), map(of_mono, found.sent_mono))
        kept, intended, sent = list[int](), list[float](), list[float]()
        for place, request in enumerate(found):
            at = self._placed(request.intended, request.intended_mono)
            if at is None:
                continue
            late = max(0.0, request.sent - request.intended)
            kept.append(place)
            intended.append(at)
            sent.append(at + late if request.sent_mono is None else of_mono(request.sent_mono))
        return found.moved(intended, sent, kept)

    def unanswered(self, one: Unanswered) -> Unanswered:
        of_mono = self._clock.of_mono
        return one.model_copy(update={"intended": of_mono(one.intended_mono), "sent": of_mono(one.sent_mono)})

    def op(self, op: LedgerOp) -> LedgerOp | None:
        at = self._placed(op.at, op.mono)
        if at is None:
            return None
        began = op.began if op.began is None else self._earlier(op.began, op.began_mono, op.at, at)
        return op.model_copy(update={"at": at, "began": began})

    def read(self, read: StoreRead) -> StoreRead | None:
        ended = self._placed(read.ended, read.ended_mono)
        if ended is None:
            return None
        began = self._earlier(read.began, read.began_mono, read.ended, ended)
        return read.model_copy(update={"began": began, "ended": ended})

    def metrics(self, metrics: Metrics) -> tuple[Metrics, int]:
        """The metrics on the run axis, and the number of samples that were left out."""
        series = tuple(self._series(one) for one in metrics.series)
        before = sum(len(one.samples) for one in metrics.series)
        bounds = {
            "read_from": self._bound(metrics.read_from, metrics.read_from_mono),
            "read_to": self._bound(metrics.read_to, metrics.read_to_mono),
        }
        left = before - sum(len(one.samples) for one in series)
        return metrics.model_copy(update={"series": series, **bounds}), left

    def _series(self, series: Series) -> Series:
        placed = ((self._clock.of_wall(instant), value) for instant, value in series.samples)
        samples = sorted((instant, value) for instant, value in placed if instant is not None)
        return series.model_copy(update={"samples": tuple(samples)})

    def _group(self, group: RuleGroupState) -> RuleGroupState:
        last = group.last if group.last is None else self._clock.of_wall(group.last)
        return group.model_copy(update={"last": last})

    def _bound(self, wall: float | None, mono: float | None) -> float | None:
        return None if wall is None else self._placed(wall, mono)

    def _placed(self, wall: float, mono: float | None) -> float | None:
        return self._clock.of_wall(wall) if mono is None else self._clock.of_mono(mono)

    def _earlier(self, wall: float, mono: float | None, end_wall: float, end: float) -> float:
        """The instant on the axis of ``wall``, which was before ``end_wall``; that is ``end`` on the axis.

        It uses the monotonic reading, else maps the wall clock, else keeps the distance to ``end`` by the
        wall clock. The result is never after ``end``.
        """
        placed = self._placed(wall, mono)
        return min(end, end - (end_wall - wall)) if placed is None else min(end, placed)
