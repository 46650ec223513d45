"""The four answers above the fold: what broke, when it was noticed, when it was over, what users saw."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chaos.report import human
from chaos.report.moments import Moments
from chaos.report.story import measured
from chaos.report.tone import Tone
from chaos.timeline.asked import LONG_WAIT
from chaos.timeline.events import FaultMeasured
from chaos.timeline.questions import FaultWindow
from chaos.timeline.recording import Recording
from chaos.timeline.unanswered import waiting_at

_WITNESS = 72  # characters of a witness's text in a tile; the timeline shows more


class TileKey(StrEnum):
    """Which answer a tile gives."""

    BROKE = "broke"
    NOTICED = "noticed"
    OVER = "over"
    USERS = "users"
    LOST = "lost"
    OTHER = "other"  # an answer of another report


@dataclass(frozen=True)
class Tile:
    """One answer. ``label`` is for people. ``tone`` is good, bad, unknown or plain; its word is always
    written too.
    """

    key: TileKey
    label: str
    value: str
    tone: Tone
    lines: tuple[str, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()  # further figures: value, what it is


def tiles(recording: Recording, found: Moments) -> tuple[Tile, ...]:
    return (
        _broke(recording, found),
        _noticed(recording, found),
        _over(recording, found),
        _users(recording, found),
    )


def _broke(recording: Recording, found: Moments) -> Tile:
    label = "What broke"
    if not recording.plan.steps:
        named = ", ".join(recording.plan.scenario.rehearse)
        return Tile(
            TileKey.BROKE,
            "What broke",
            "nothing",
            Tone.PLAIN,
            ("Nothing was to be broken.", f"Rehearsed: {named}."),
        )
    if not found.windows:
        planned = ", ".join(step.step.summary() for step in recording.plan.steps)
        return Tile(
            TileKey.BROKE,
            "What broke",
            "nothing",
            Tone.UNKNOWN,
            ("No fault was injected.", f"Planned: {planned}."),
        )
    steps = {planned.index: planned.step for planned in recording.plan.steps}
    summaries = [
        steps[w.index].summary() if w.index in steps else f"fault {w.index + 1}" for w in found.windows
    ]
    names = [human.arrows(name) for name in summaries]
    lines = [f"and {name}" for name in names[1:]]
    first = found.windows[0]
    answers = {w.index: steps[w.index].answer for w in found.windows if w.index in steps}
    answer = answers.get(first.index)
    if first.end is None:
        lines.append("no undo was recorded" if answer is None else f"no end of {answer} was recorded")
    elif answer is not None:
        verb = "answered" if first.undone else "NOT answered"
        lines.append(f"{verb} by {answer} after {human.duration(first.end - first.start)}")
    else:
        lines.append(_held(recording, first, first.end))
    failed = [w for w in found.windows if w.end is not None and not w.undone]
    if any(answers.get(window.index) is None for window in failed):
        lines.append("UNDO FAILED: something may still be in place")
    effect = next((e for e in recording.of(FaultMeasured) if e.when == "during" and e.took_effect), None)
    lines.append(
        human.clipped(f"witness: {measured(effect.measurement)}", _WITNESS)
        if effect
        else "its witness saw no effect"
    )
    clean = effect is not None and all(window.undone for window in found.windows)
    return Tile(TileKey.BROKE, label, names[0], Tone.PLAIN if clean else Tone.BAD, tuple(lines))


def _held(recording: Recording, window: FaultWindow, end: float) -> str:
    """How long it was in place, with its production time, or with the planned time if it was cut short."""
    held = human.duration(end - window.start)
    planned = next((step for step in recording.plan.steps if step.index == window.index), None)
    if planned is None:
        return f"held {held}"
    if end - window.start < 0.9 * (planned.end - planned.start):
        return f"held {held} of {human.duration(planned.end - planned.start)} planned"
    if recording.plan.pace == 1:
        return f"held {held}"
    return f"held {held} ({human.duration(planned.step.hold)} of production time)"


def _noticed(recording: Recording, found: Moments) -> Tile:
    noticed, label = found.noticed, "Noticed after"
    if not noticed.expected:
        return Tile(TileKey.NOTICED, label, "not asked", Tone.PLAIN, ("This scenario expects no alert.",))
    awaited = "awaited: " + ", ".join(noticed.expected)
    if not found.windows:
        return Tile(TileKey.NOTICED, label, human.NO_DATA, Tone.UNKNOWN, ("No fault was injected.", awaited))
    if not noticed.known:
        detail = f" ({recording.metrics.detail})" if recording.metrics.detail else ""
        unread = not recording.metrics.complete
        why = f"The alert history was not read back{detail}." if unread else "Its check is inconclusive."
        return Tile(TileKey.NOTICED, label, human.NO_DATA, Tone.UNKNOWN, (why, awaited))
    if noticed.after is None:
        asked = () if noticed.within is None else (f"asked for within {human.duration(noticed.within)}",)
        return Tile(TileKey.NOTICED, label, "never", Tone.BAD, (awaited, *asked))
    lines = [f"{noticed.alert} fired"]
    lines += [] if noticed.within is None else [f"asked for within {human.duration(noticed.within)}"]
    for alert, after in noticed.others:
        lines.append(f"{alert}: {'did not fire' if after is None else 'after ' + human.duration(after)}")
    lines += [f"{alert}: unknown" for alert in noticed.unknown]
    tone = Tone.BAD if noticed.late else Tone.UNKNOWN if noticed.unknown else Tone.GOOD
    return Tile(TileKey.NOTICED, label, human.duration(noticed.after, noticed.within), tone, tuple(lines))


def _over(recording: Recording, found: Moments) -> Tile:
    label = "Over after"
    if not recording.plan.steps:
        return Tile(TileKey.OVER, label, "not asked", Tone.PLAIN, ("Nothing was to be broken.",))
    undo = "the end of the procedure" if any(s.step.answer for s in recording.plan.steps) else "the undo"
    if found.broken is None:
        return Tile(TileKey.OVER, label, human.NO_DATA, Tone.UNKNOWN, ("No fault was injected.",))
    if found.over is not None:
        lines = []
        if found.undone is not None:
            apart = found.over - found.undone
            lines.append(f"{human.duration(abs(apart))} {'after' if apart >= 0 else 'before'} {undo}")
        lines.append(f"steady at {human.clock(found.over)} of the run")
        if found.late:
            lines.append("later than asked for")
        if found.unsure:
            lines.append("a check of the recovery is inconclusive")
        tone = Tone.BAD if found.late else Tone.UNKNOWN if found.unsure else Tone.GOOD
        return Tile(TileKey.OVER, label, human.duration(found.over - found.broken), tone, tuple(lines))
    if found.gave_up:
        return Tile(TileKey.OVER, label, "never", Tone.BAD, ("Users were not served well again.",))
    why = "The recording does not say when it was over."
    if found.unsure:
        why = "The check of the recovery is inconclusive."
    return Tile(TileKey.OVER, label, human.NO_DATA, Tone.UNKNOWN, (why,))


def _users(recording: Recording, found: Moments) -> Tile:
    seen, label = found.users, "Users saw"
    if not recording.plan.steps:
        return Tile(TileKey.USERS, label, "not asked", Tone.PLAIN, ("Nothing was to be broken.",))
    if seen is None or not seen.requests:
        why = "No fault was injected." if found.broken is None else "No request of the load was recorded."
        return Tile(TileKey.USERS, label, human.NO_DATA, Tone.UNKNOWN, (why,))
    line = f"of {human.count(seen.requests, 'request')} between the fault and " + (
        "recovery" if found.over is not None else "the end"
    )
    return Tile(
        TileKey.USERS,
        label,
        human.share(seen.errors, seen.requests),
        Tone.PLAIN,
        (line, *_unanswered(seen.unanswered), *_waited(recording, found), *_unsent(seen.unsent)),
        (
            (human.share(seen.errors, seen.requests), "failed"),
            (human.share(seen.degraded, seen.requests), "degraded"),
            (human.duration(seen.worst_p95), "worst p95"),
        ),
    )


def _unanswered(number: int) -> tuple[str, ...]:
    return (f"{human.count(number, 'request')} had no answer when the load was stopped",) if number else ()


def _unsent(number: int) -> tuple[str, ...]:
    """Requests that this machine could not send are not the system's failure, but the tile says how many."""
    return (f"this machine could not send {human.count(number, 'more request')}",) if number else ()


def _waited(recording: Recording, found: Moments) -> tuple[str, ...]:
    """How long unanswered requests had waited when an undo began; empty if none had waited for long."""
    undos = [window.undo_began or window.end for window in found.windows]
    waits = [waiting_at(recording, undo) for undo in undos if undo is not None]
    worst = max(waits, key=lambda one: one[0].waited if one else 0.0, default=())
    if not worst or worst[0].waited < LONG_WAIT:
        return ()
    number, longest = human.count(len(worst), "request"), human.duration(worst[0].waited)
    return (f"{number} had waited up to {longest} when the undo began",)
