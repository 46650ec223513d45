"""The state of the facilitator's expectations: met, not met, or still open."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chaos.gameday.clock import DayClock
from chaos.gameday.conditions import ScenarioFact
from chaos.gameday.model import ExpectedAction
from chaos.gameday.slot_state import SlotState, is_template


class ExpectationOutcome(StrEnum):
    OPEN = "open"
    MET = "met"
    NOT_MET = "not met"


@dataclass(frozen=True)
class ExpectationState:
    """One expectation at one instant. ``index``: in the scenario's list, from 0.

    ``due``: seconds since the epoch; None before the timeline begins, or while a hold still moves it.
    ``words``: the facilitator's note.
    """

    index: int
    expectation: ExpectedAction
    standing: ExpectationOutcome
    due: float | None
    at: float | None = None  # when it was met or judged, in seconds since the epoch
    words: str = ""


def expectation_states(
    slot: SlotState, expected: tuple[ExpectedAction, ...], clock: DayClock, now: float
) -> tuple[ExpectationState, ...]:
    """The state of each expectation at ``now`` (seconds since the epoch), in the order of ``expected``.

    An expectation is not met once its time has passed, or if it is open when the scenario ends.
    """
    return tuple(_state(index, one, slot, clock, now) for index, one in enumerate(expected))


def _state(
    index: int, expectation: ExpectedAction, slot: SlotState, clock: DayClock, now: float
) -> ExpectationState:
    due = None if slot.zero is None else clock.due(slot.zero, expectation.by)
    met, at = _shown(index, expectation, slot)
    asked = slot.asked_expectations.get(index)
    words = asked.words if asked else ""
    if met is False:
        return ExpectationState(index, expectation, ExpectationOutcome.NOT_MET, due, at, words)
    if at is not None and (due is None or at <= due):
        return ExpectationState(index, expectation, ExpectationOutcome.MET, due, at, words)
    expired = due is not None and now > due
    if at is not None or expired or slot.ended is not None:
        return ExpectationState(index, expectation, ExpectationOutcome.NOT_MET, due, at, words)
    return ExpectationState(index, expectation, ExpectationOutcome.OPEN, due)


def _shown(index: int, expectation: ExpectedAction, slot: SlotState) -> tuple[bool | None, float | None]:
    """(met or not, when), as the facilitator judged it or its condition shows; (None, None) if neither."""
    asked = slot.asked_expectations.get(index)
    if asked is not None:
        return asked.met, asked.at
    condition = expectation.condition
    if condition is None or condition.negated or not condition.holds(slot):
        return None, None
    return True, _since(slot, condition.fact, condition.argument)


def _since(slot: SlotState, fact: ScenarioFact, argument: str) -> float:
    """When a fact that is true now became true, in seconds since the epoch."""
    single = {
        ScenarioFact.DECLARED: slot.declared,
        ScenarioFact.ACKNOWLEDGED: slot.acknowledged,
        ScenarioFact.NOTICED: slot.noticed,
        ScenarioFact.ESCALATED: slot.escalated,
        ScenarioFact.MITIGATED: slot.mitigated,
        ScenarioFact.RESOLVED: slot.resolved,
    }.get(fact)
    if single is not None:
        return float(single.at)
    if fact is ScenarioFact.STEP:
        return next(tick.at for tick in slot.steps if tick.step == int(argument))
    if fact is ScenarioFact.MESSAGE:
        return next(message.at for message in slot.messages if is_template(message.template, argument))
    if fact is ScenarioFact.ALERT:
        return next(alert.at for alert in slot.alerts if alert.alert == argument and alert.firing)
    return next(stretch.start for stretch in slot.stuck)
