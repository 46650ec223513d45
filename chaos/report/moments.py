"""The instants that everybody asks for first: broken, noticed, undone, over; and what users saw meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from chaos.report.buckets import Buckets, Seen, seen
from chaos.timeline.events import RunEnded, RunInterrupted, SteadyState
from chaos.timeline.questions import FaultWindow, alert_spans, fault_windows
from chaos.timeline.recording import Recording


@dataclass(frozen=True)
class Noticed:
    """The first alert that was to notice. ``after`` counts from the injection; None: it never fired, or nobody knows."""

    known: bool  # False: the metrics could not be read, or no alert was expected
    expected: tuple[str, ...]
    alert: str | None = None
    at: float | None = None  # since the run began
    after: float | None = None
    within: float | None = None


@dataclass(frozen=True)
class Moments:
    """Seconds since the run began; None: it did not happen, or the recording does not say."""

    windows: tuple[FaultWindow, ...]  # wall clock
    broken: float | None
    undone: float | None  # the last undo; None while any fault was still in place
    over: float | None  # first instant of the sustained healthy window after the faults
    gave_up: bool  # the wait for recovery ended without it
    end: float  # end of the part that matters: over, else the teardown, else the last line
    noticed: Noticed
    users: Seen | None
    interrupted: str | None
    error: str | None
    finished: bool


def moments(recording: Recording, buckets: Buckets) -> Moments:
    """Read them off the recording; judges nothing."""
    origin = recording.began
    windows = fault_windows(recording)
    broken = min((window.start for window in windows), default=None)
    ends = [window.end for window in windows if window.end is not None]
    undone = max(ends) if windows and len(ends) == len(windows) else None
    after = next((event for event in recording.of(SteadyState) if event.when == "after"), None)
    over = (after.since or after.at) if after and after.held else None
    end = over or recording.phase_began("teardown") or recording.ended
    ended = next(recording.of(RunEnded), None)
    interrupted = next(recording.of(RunInterrupted), None)
    return Moments(
        windows=windows,
        broken=None if broken is None else broken - origin,
        undone=None if undone is None else undone - origin,
        over=None if over is None else over - origin,
        gave_up=after is not None and not after.held,
        end=end - origin,
        noticed=_noticed(recording, windows),
        users=None if broken is None else seen(buckets, broken - origin, end - origin),
        interrupted=interrupted.reason if interrupted else None,
        error=ended.error if ended and ended.error else None,
        finished=ended is not None,
    )


def _noticed(recording: Recording, windows: tuple[FaultWindow, ...]) -> Noticed:
    expected = {deadline.alert: deadline for deadline in recording.plan.deadlines}
    names = tuple(expected)
    if not windows or not recording.metrics.complete or not expected:
        return Noticed(known=False, expected=names)
    struck = {window.index: window.injected or window.start for window in windows}
    first: Noticed | None = None
    for span in alert_spans(recording):
        deadline = expected.get(span.alert)
        if span.state != "firing" or deadline is None or deadline.step not in struck:
            continue
        after = span.start - struck[deadline.step]
        if after >= 0 and (first is None or first.after is None or after < first.after):
            at = span.start - recording.began
            first = Noticed(True, names, span.alert, at, after, deadline.within)
    within = min(deadline.within for deadline in expected.values())
    return first or Noticed(known=True, expected=names, within=within)
