"""Deadlines of the response: when each is due, and whether it was met.

gameday computes them from the state and the policy, so corrections and holds change them too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from chaos.gameday.clock import DayClock
from chaos.gameday.event_base import DayEvent
from chaos.gameday.model import Escalate
from chaos.gameday.policy import Policy, Term, UntimedDeadline
from chaos.gameday.slot_state import SlotState, is_template
from chaos.model.scenario import Severity
from chaos.on_call import Duty

POST_RESOLUTION = "post_resolution"
TOO_EARLY = "it was entered before the fault, so it was not about it"


class Status(StrEnum):
    MET = "met"
    LATE = "late"  # its time has passed, and it was not met in time
    OPEN = "open"  # not met, and not due yet
    NOT_APPLICABLE = "not applicable"  # it has no time, or the scenario ended before it was due


class DeadlineKind(StrEnum):
    """What must happen in time."""

    RESPONSE = "response"  # the acknowledgement
    MESSAGE = "message"  # the first message of a template
    UPDATE = "update"  # the next message, or the resolution, after a message
    ESCALATION = "escalation"  # the escalation, and the answer to it


@dataclass(frozen=True)
class ResponseDeadline:
    """One deadline. ``start``, ``due`` and ``met`` are seconds since the epoch.

    ``due`` None: it is not timed, or the day is on hold and the hold still moves it. ``met`` None: it was not
    met. ``allowed``: policy seconds; None if it is not timed. ``detail``: why it does not apply. ``duty``:
    the person on call who must act.
    """

    kind: DeadlineKind
    name: str
    status: Status
    start: float | None = None
    due: float | None = None
    met: float | None = None
    allowed: float | None = None
    detail: str = ""
    duty: Duty | None = None


def deadlines(
    slot: SlotState,
    policy: Policy,
    clock: DayClock,
    now: float,
    deserved: Severity | None = None,
    escalate: Escalate | None = None,
) -> tuple[ResponseDeadline, ...]:
    """The deadlines of the scenario at ``now`` (seconds since the epoch); none before the detection.

    The response, the first messages and the escalation run from the detection. An immediate escalation runs
    from the declaration, an update from the message before it, the answer from the escalation, and the
    message after the resolution from the resolution. The last declared severity selects the deadlines, or
    ``deserved`` (at the debrief) if none was declared. Without both there are none. ``escalate`` replaces
    the policy's time for an escalation without progress.
    """
    declared = slot.severity
    severity = declared.severity if declared else deserved
    start = slot.detected
    if severity is None or start is None:
        return ()
    end = slot.resolved.at if slot.resolved else slot.ended
    judge = _Judge(clock, now, slot.ended)
    own = policy.severities.get(severity)
    found: list[ResponseDeadline] = []
    if own is not None:
        respond = judge(DeadlineKind.RESPONSE, "respond", start, own.respond_within, _at(slot.acknowledged))
        if slot.acknowledged is not None and not slot.after_fault(slot.acknowledged):
            respond = replace(respond, status=Status.NOT_APPLICABLE, met=None, detail=TOO_EARLY)
        found.append(replace(respond, duty=Duty.PRIMARY))
    for name, term in policy.communication.get(severity, {}).items():
        if name == POST_RESOLUTION:
            if slot.resolved is not None:
                sent = _sent(slot, (POST_RESOLUTION, "status_page_resolved"), slot.resolved.at)
                found.append(judge(DeadlineKind.MESSAGE, "post resolution", slot.resolved.at, term, sent))
            continue
        first = _sent(slot, (name,), 0.0)
        found.append(judge(DeadlineKind.MESSAGE, name.replace("_", " "), start, term, first))
    if own is not None:
        found += _updates(slot, judge, own.update_every, end)
    found += _escalations(slot, policy, judge, severity, start, escalate)
    return tuple(found)


class _Judge:
    def __init__(self, clock: DayClock, now: float, ended: float | None) -> None:
        self._clock = clock
        self._now = now
        self._ended = ended

    def __call__(
        self, kind: DeadlineKind, name: str, start: float, term: Term, met: float | None
    ) -> ResponseDeadline:
        if isinstance(term, UntimedDeadline):
            words = f"due: {term.words}"
            return ResponseDeadline(kind, name, Status.NOT_APPLICABLE, start, None, met, None, words)
        due = self._clock.due(start, term)
        if met is not None:
            status = Status.MET if due is None or met <= due else Status.LATE
        elif self._ended is not None and (due is None or due > self._ended):
            words = "the scenario ended before it was due"
            return ResponseDeadline(kind, name, Status.NOT_APPLICABLE, start, due, None, term, words)
        else:
            status = Status.LATE if due is not None and self._now > due else Status.OPEN
        return ResponseDeadline(kind, name, status, start, due, met, term)


def _at(event: DayEvent | None) -> float | None:
    return None if event is None else event.at


def _sent(slot: SlotState, templates: tuple[str, ...], after: float) -> float | None:
    """When the first message from ``after`` on was sent from one of the templates or their states."""
    return next(
        (
            message.at
            for message in slot.messages
            if message.at >= after and any(is_template(message.template, name) for name in templates)
        ),
        None,
    )


def _updates(slot: SlotState, judge: _Judge, term: Term, end: float | None) -> Iterator[ResponseDeadline]:
    """One deadline for each message: the next message, or the resolution, must follow in time."""
    if not slot.messages or isinstance(term, UntimedDeadline):
        return
    sent = [message.at for message in slot.messages if end is None or message.at <= end]
    for number, at in enumerate(sent, 1):
        following = sent[number] if number < len(sent) else (slot.resolved.at if slot.resolved else None)
        yield judge(DeadlineKind.UPDATE, f"update {number}", at, term, following)


def _escalations(
    slot: SlotState,
    policy: Policy,
    judge: _Judge,
    severity: Severity,
    start: float,
    escalate: Escalate | None,
) -> Iterator[ResponseDeadline]:
    rules, kind = policy.escalation, DeadlineKind.ESCALATION
    met = _at(slot.escalated)
    resolved = min((at for at in (_at(slot.mitigated), _at(slot.resolved)) if at is not None), default=None)
    if severity in rules.immediately_for and slot.severity is not None:
        due = judge(kind, "escalate at once", slot.severity.at, rules.immediate_within, met)
    elif escalate is not None:
        due = judge(kind, f"escalate to {escalate.to}", start, escalate.after, _first(met, resolved))
    else:
        due = judge(kind, "escalate without progress", start, rules.no_progress_after, _first(met, resolved))
    yield replace(due, duty=Duty.COMMANDER)
    if met is not None:
        answer = judge(
            kind, "answer to the escalation", met, rules.secondary_answers_within, _at(slot.answered)
        )
        yield replace(answer, duty=Duty.SECONDARY)


def _first(*instants: float | None) -> float | None:
    return min((at for at in instants if at is not None), default=None)
