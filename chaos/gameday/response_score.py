"""The response score of a game day: how people responded, from 0 to 100.

It is separate from the scores of the runs and never changes them. Parts that did not apply do not count. The
debrief lists hints and holds beside the score. A hold does not change it. A hint costs the marks of one part,
``NOTICE``, if people noticed the problem only after it. The score rates the exercise, never a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chaos.gameday.clock import DayClock
from chaos.gameday.deadlines import TOO_EARLY, DeadlineKind, ResponseDeadline, Status
from chaos.gameday.expectations import ExpectationOutcome, ExpectationState
from chaos.gameday.people_events import StepResult
from chaos.gameday.policy import Policy, UntimedDeadline
from chaos.gameday.slot_state import SlotState
from chaos.model.scenario import Severity

_RANK = {severity: rank for rank, severity in enumerate(reversed(list(Severity)))}


class PartName(StrEnum):
    """The parts of the score, by the names that people read."""

    ACKNOWLEDGE = "time to acknowledge"
    NOTICE = "people against machine"
    FIRST_ACTION = "time to first useful action"
    SEVERITY = "declared severity"
    COMMUNICATION = "communication deadlines"
    ESCALATION = "escalation"
    RUNBOOK = "runbook fidelity"
    EXPECTATIONS = "expectations"


@dataclass(frozen=True)
class ScorePart:
    """One part. ``share``: 0 to 1; None if it did not apply, has no limit, or there is not enough data."""

    name: PartName
    share: float | None
    detail: str


@dataclass(frozen=True)
class ResponseScore:
    """The score of one scenario. ``total``: 100 times the mean of the known shares; None if all are unknown.

    ``hints``: number of hints given.
    """

    total: float | None
    parts: tuple[ScorePart, ...]
    hints: int
    held: float  # real seconds


@dataclass(frozen=True)
class Prescribed:
    """What the runbook of the first alert prescribes: the numbers of its steps, at least one."""

    runbook: str
    steps: frozenset[int]


def response_score(
    slot: SlotState,
    policy: Policy,
    clock: DayClock,
    due: tuple[ResponseDeadline, ...],
    expected: tuple[ExpectationState, ...],
    deserved: Severity,
    prescribed: Prescribed | None,
) -> ResponseScore:
    """Score one scenario. ``deserved``: the severity that the game-day file gives it.

    ``prescribed``: the steps that the alert's runbook prescribes; None if there are none.
    """
    parts = (
        _acknowledged(slot, policy, clock, deserved),
        _noticed(slot, policy, clock),
        _first_action(slot, clock),
        _severity(slot, deserved),
        _shares(PartName.COMMUNICATION, due, DeadlineKind.MESSAGE, DeadlineKind.UPDATE),
        _shares(PartName.ESCALATION, due, DeadlineKind.ESCALATION),
        _fidelity(slot, prescribed),
        _expectations(expected),
    )
    shares = [part.share for part in parts if part.share is not None]
    held = clock.held_between(slot.started or 0.0, slot.ended or 0.0) if slot.started and slot.ended else 0.0
    hints = sum(card.hint for card in slot.cards)
    total = round(100 * sum(shares) / len(shares), 1) if shares else None
    return ResponseScore(total, parts, hints, held)


def _falling(value: float, full: float, nothing: float) -> float:
    """1 up to ``full``, 0 from ``nothing`` on, linear in between."""
    if value <= full:
        return 1.0
    return max(0.0, (nothing - value) / (nothing - full)) if nothing > full else 0.0


def _acknowledged(slot: SlotState, policy: Policy, clock: DayClock, deserved: Severity) -> ScorePart:
    name = PartName.ACKNOWLEDGE
    own = policy.severities.get(slot.severity.severity if slot.severity else deserved)
    if own is None or isinstance(own.respond_within, UntimedDeadline):
        return ScorePart(name, None, "this severity has no response time in an exercise")
    if slot.detected is None:
        return ScorePart(name, None, "nothing was detected")
    if slot.acknowledged is None:
        return ScorePart(name, 0.0, "never acknowledged")
    if not slot.after_fault(slot.acknowledged):
        return ScorePart(name, None, TOO_EARLY)
    taken = clock.policy(slot.detected, slot.acknowledged.at)
    share = _falling(taken, own.respond_within, 2 * own.respond_within)
    return ScorePart(name, share, f"{taken / 60:.1f} min of {own.respond_within / 60:.0f} min")


def _noticed(slot: SlotState, policy: Policy, clock: DayClock) -> ScorePart:
    name = PartName.NOTICE
    human = slot.human
    if human is None and (slot.noticed or slot.acknowledged):
        return ScorePart(name, None, TOO_EARLY)
    if human is None:
        return ScorePart(name, 0.0 if slot.first_alert else None, "no person noticed anything")
    if any(card.hint and card.at <= human for card in slot.cards):
        return ScorePart(name, 0.0, "noticed only after a hint")
    if slot.first_alert is None:
        return ScorePart(name, 1.0, "people noticed it, and no alert fired")
    late = clock.policy(slot.first_alert.at, max(slot.first_alert.at, human))
    share = _falling(late, policy.people_notice.full, policy.people_notice.nothing)
    return ScorePart(name, share, f"{late / 60:.1f} min after the alert")


def _first_action(slot: SlotState, clock: DayClock) -> ScorePart:
    """It has no share, because the policy sets no limit for it."""
    name = PartName.FIRST_ACTION
    worked = [tick.at for tick in slot.steps if tick.result is StepResult.WORKED]
    acts = [*worked, *(event.at for event in (slot.mitigated,) if event)]
    if not acts or slot.detected is None:
        return ScorePart(name, None, "no step worked and nothing was mitigated")
    taken = clock.policy(slot.detected, max(slot.detected, min(acts)))
    return ScorePart(name, None, f"{taken / 60:.1f} min; no limit is set, so it has no marks")


def _severity(slot: SlotState, deserved: Severity) -> ScorePart:
    name = PartName.SEVERITY
    if slot.severity is None:
        return ScorePart(name, 0.0, f"never declared; it deserved {deserved.value}")
    given = slot.severity.severity
    step = _RANK[given] - _RANK[deserved]
    return ScorePart(name, 1.0 if step in (0, 1) else 0.0, f"{given.value}; it deserved {deserved.value}")


def _shares(name: PartName, due: tuple[ResponseDeadline, ...], *kinds: DeadlineKind) -> ScorePart:
    judged = [one for one in due if one.kind in kinds and one.status in (Status.MET, Status.LATE)]
    if not judged:
        return ScorePart(name, None, "none was due")
    met = sum(one.status is Status.MET for one in judged)
    return ScorePart(name, met / len(judged), f"{met} of {len(judged)} met")


def _fidelity(slot: SlotState, prescribed: Prescribed | None) -> ScorePart:
    """A step of another runbook, and one that the runbook does not prescribe, earns nothing."""
    name = PartName.RUNBOOK
    if prescribed is None:
        return ScorePart(name, None, "no alert with a runbook fired")
    last = {tick.step: tick for tick in slot.steps if tick.runbook == prescribed.runbook}
    done = sum(
        tick.result is not StepResult.SKIPPED or bool(tick.words)
        for step, tick in last.items()
        if step in prescribed.steps
    )
    of = len(prescribed.steps)
    return ScorePart(name, done / of, f"{done} of {of} steps done, or skipped with a reason")


def _expectations(expected: tuple[ExpectationState, ...]) -> ScorePart:
    name = PartName.EXPECTATIONS
    judged = [one for one in expected if one.standing is not ExpectationOutcome.OPEN]
    if not judged:
        return ScorePart(name, None, "none")
    met = sum(one.standing is ExpectationOutcome.MET for one in judged)
    return ScorePart(name, met / len(judged), f"{met} of {len(judged)} met")
