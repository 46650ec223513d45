"""A limit in real time that was missed on a saturated machine proves nothing about the system."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf

from chaos.model.asked import CannotTell, Doubt
from chaos.model.verdict import Evidence, Measure
from chaos.timeline.machine import full_stretches, saturated, stalls
from chaos.timeline.recording import Recording


@dataclass(frozen=True)
class MissedLimit:
    """A limit in real time that was missed. ``what``: what was too late, for people. ``limit``: the seconds
    that were allowed. None: unknown, or not one figure.
    """

    what: str
    measured: float | None = None
    limit: float | None = None


def excuse_slowness(
    recording: Recording,
    between: tuple[float, float],
    missed: MissedLimit,
    *,
    evidence: Iterable[Evidence] = (),
    measures: Iterable[Measure] = (),
) -> None:
    """Call this only before a limit in real time fails. ``between``: on the run axis.

    Raises ``CannotTell`` if the machine was saturated in that time and this explains the miss: ``measured``
    seconds are no more than ``STRETCH`` times the limit, or no more than ``REPEATED`` times the delay beyond
    it. Without figures any miss is explained. Do not call it for a failure that slowness does not explain,
    such as a wrong status or a lost write.
    """
    found = saturated(recording, *between)
    if found is not None and _explained(found.late, missed):
        why = f"{missed.what}, but {found.text()}: what came late may be its fault"
        raise CannotTell(why, evidence=evidence, measures=measures, fix=_FIX)


def excuse_full(
    recording: Recording,
    awaited: Sequence[tuple[float, float]],
    kept: Callable[[Sequence[float]], bool],
    missed: MissedLimit,
    *,
    evidence: Iterable[Evidence] = (),
    measures: Iterable[Measure] = (),
) -> None:
    """Call it before a limit on many answers fails. ``awaited``: when each was asked for, on the run axis,
    and the seconds that it took. ``kept``: do answers that took so long keep the limit?

    Raises ``CannotTell`` if every core of the machine was busy for a while, and the answers that this does
    not explain keep it. It explains one that was awaited then and came late by no more than that while.
    """
    limit = inf if missed.limit is None else missed.limit
    first, last = min((at for at, _ in awaited), default=0.0), max((at for at, _ in awaited), default=0.0)
    stretches = full_stretches(recording, first, last)
    rest = [took for at, took in awaited if took <= limit or not _held_up(at, took, limit, stretches)]
    if len(rest) < len(awaited) and rest and kept(rest):
        others = f"without {len(awaited) - len(rest)} answers that were late then, the limit is kept"
        why = f"{missed.what}, but every core of this machine was busy for a while: {others}"
        raise CannotTell(why, evidence=evidence, measures=measures, fix=_FIX)


def excuse_stall(
    recording: Recording,
    answers: Sequence[tuple[float, float, float]],
    kept: Callable[[Sequence[float]], bool],
    missed: MissedLimit,
    *,
    evidence: Iterable[Evidence] = (),
    measures: Iterable[Measure] = (),
) -> None:
    """Call it before a promise about many answers fails. ``answers``: when each was asked for and when it
    came, on the run axis, infinite if never, and what ``kept`` reads, as for ``excuse_full``.

    Raises ``CannotTell`` if this machine stood still, and the answers that are not of that time or soon after
    keep it. Then even a wrong answer proves nothing: time-outs of the system may have run out.
    """
    first, last = min((one[0] for one in answers), default=0.0), max((one[0] for one in answers), default=0.0)
    found = stalls(recording, first - AFTERMATH, last)
    rest = [
        took
        for asked, came, took in answers
        if not any(asked <= until + AFTERMATH and came >= since for since, until in found)
    ]
    if len(rest) < len(answers) and rest and kept(rest):
        others = f"without {len(answers) - len(rest)} answers of that time and soon after, it is kept"
        why = f"{missed.what}, but this machine stood still for a while: {others}"
        raise CannotTell(why, evidence=evidence, measures=measures, fix=_FIX)


def excuse_harm_after_stall(
    recording: Recording, at: float, actual: str, *, evidence: Iterable[Evidence] = ()
) -> None:
    """Call it before harm to clients that began at ``at`` fails. Raises ``CannotTell`` if this machine stood
    still then or shortly before.
    """
    if stalls(recording, at - AFTERMATH, at):
        why = f"{actual}, but this machine had just stood still: time-outs of the system may have run out"
        raise CannotTell(why, evidence=evidence, fix=_FIX)


def with_saturation(recording: Recording, start: float, end: float, why: str | Doubt) -> Doubt:
    """Why something is unknown, for people. If the machine was saturated in ``[start, end]``, it says that as
    the reason for too few measurements. Run axis.
    """
    found = saturated(recording, start, end)
    return Doubt(str(why) if found is None else f"{why}; {found.text()}")


def _held_up(at: float, took: float, limit: float, stretches: Sequence[tuple[float, float]]) -> bool:
    busy = [(since, until) for since, until in stretches if at <= until + DRAINING and at + took >= since]
    return took - limit <= sum(until - since + DRAINING for since, until in busy)


def _explained(late: float, missed: MissedLimit) -> bool:
    measured, limit = missed.measured, missed.limit
    if measured is None or limit is None:
        return True
    return measured <= STRETCH * limit or measured - limit <= REPEATED * late


AFTERMATH = 5.0  # seconds after a stall in which a breaker that it opened may still be open
DRAINING = 0.5  # seconds for which requests that waited for a core still hold up others
# Figures of this project: four stacks on two cores made good runs about twice as slow.
STRETCH = 3.0  # how many times longer than allowed something may take on a saturated machine
REPEATED = 10.0  # how many of the longest observed waits, in sequence, a single answer may contain
_FIX = "Run it again with fewer stacks side by side (`--jobs auto`), or on a machine with more cores."
