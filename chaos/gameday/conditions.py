"""Conditions of injects and expectations: a fixed list of facts, never code.

declared | acknowledged | noticed | escalated | mitigated | resolved | stuck
runbook step N | alert NAME firing | message TEMPLATE

``not`` before a fact negates it. Expectations accept no negated condition (``chaos.gameday.model``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from chaos.gameday.slot_state import SlotState, is_template
from chaos.suggestions import known_words


class ScenarioFact(StrEnum):
    """A fact about the scenario that a condition can test."""

    DECLARED = "declared"
    ACKNOWLEDGED = "acknowledged"
    NOTICED = "noticed"
    ESCALATED = "escalated"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    STUCK = "stuck"
    STEP = "runbook step N"
    ALERT = "alert NAME firing"
    MESSAGE = "message TEMPLATE"


_PLAIN = {fact.value: fact for fact in list(ScenarioFact)[:7]}
_STEP = re.compile(r"runbook step (\d{1,3})")
_ALERT = re.compile(r"alert (\S+) firing")
_MESSAGE = re.compile(r"message (\S+)")


@dataclass(frozen=True)
class FactCondition:
    """True if ``fact`` holds; with ``negated``, if it does not.

    ``argument``: number of the step, or name of the alert or template; empty for the other facts.
    """

    fact: ScenarioFact
    argument: str = ""
    negated: bool = False

    def __str__(self) -> str:
        words = {
            ScenarioFact.STEP: f"runbook step {self.argument}",
            ScenarioFact.ALERT: f"alert {self.argument} firing",
            ScenarioFact.MESSAGE: f"message {self.argument}",
        }.get(self.fact, self.fact.value)
        return f"not {words}" if self.negated else words

    def holds(self, slot: SlotState) -> bool:
        """Is the condition true in this state?"""
        return self._fact(slot) != self.negated

    def _fact(self, slot: SlotState) -> bool:
        if self.fact is ScenarioFact.STEP:
            return any(tick.step == int(self.argument) for tick in slot.steps)
        if self.fact is ScenarioFact.ALERT:
            return self.argument in slot.firing
        if self.fact is ScenarioFact.MESSAGE:
            return any(is_template(message.template, self.argument) for message in slot.messages)
        return {
            ScenarioFact.DECLARED: slot.declared is not None,
            ScenarioFact.ACKNOWLEDGED: slot.acknowledged is not None,
            ScenarioFact.NOTICED: slot.noticed is not None,
            ScenarioFact.ESCALATED: slot.escalated is not None,
            ScenarioFact.MITIGATED: slot.mitigated is not None,
            ScenarioFact.RESOLVED: slot.resolved is not None,
            ScenarioFact.STUCK: any(stretch.end is None for stretch in slot.stuck),
        }[self.fact]


def parse_condition(text: object) -> FactCondition:
    """Read a condition. Raises ``ValueError``, which says what is expected, for anything else."""
    if not isinstance(text, str):
        raise ValueError(f"expected a condition such as 'not declared', got {text!r}")
    words = " ".join(text.split())
    negated = words.startswith("not ")
    bare = words.removeprefix("not ") if negated else words
    if bare in _PLAIN:
        return FactCondition(_PLAIN[bare], "", negated)
    for pattern, fact in (
        (_STEP, ScenarioFact.STEP),
        (_ALERT, ScenarioFact.ALERT),
        (_MESSAGE, ScenarioFact.MESSAGE),
    ):
        match = pattern.fullmatch(bare)
        if match:
            return FactCondition(fact, match[1], negated)
    raise ValueError(
        f"unknown condition {text!r} ({known_words(bare, [fact.value for fact in ScenarioFact])})"
    )
