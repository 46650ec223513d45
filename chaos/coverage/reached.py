"""Which states of a stack its runs reached. A promise about a state that none reached is not tested. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from chaos.model.alert_states import AlertState
from chaos.model.breaker_states import BreakerState
from chaos.model.rules import DetectionFacts
from chaos.model.stack import BreakerFacts, Stack
from chaos.timeline.questions import alert_spans, breaker_histories, first_struck
from chaos.timeline.recording import Recording

# What a breaker may do: Nygard, Release It!, "Circuit Breaker".
_MOVES = (
    (BreakerState.CLOSED, BreakerState.OPEN),
    (BreakerState.OPEN, BreakerState.HALF_OPEN),
    (BreakerState.HALF_OPEN, BreakerState.CLOSED),
    (BreakerState.HALF_OPEN, BreakerState.OPEN),
)


def states_of(stack: Stack, detection: DetectionFacts | None) -> tuple[str, ...]:
    """Every state that the stack's files name, spelled as ``reached_in`` does."""
    found = [
        _move(name, before, after)
        for name, facts in stack.breakers.items()
        for before, after in _MOVES
        if {before, after} <= set(facts.states)
    ]
    found += [_answer(state) for state in stack.degraded_states]
    found += list(stack.states)
    rules = detection.rules if detection is not None else ()
    unrelated = detection.reading_nothing if detection is not None else ()
    found += [_fired(alert) for alert in dict.fromkeys(one.alert for one in rules) if alert not in unrelated]
    return tuple(found)


def reached_in(recording: Recording) -> frozenset[str]:
    """The states that one run reached. Alerts count from the first injection on: those that fire while the
    stack starts are not caused by a fault.
    """
    stack = recording.plan.stack
    found = set(recording.metrics.reached or ())
    for name, facts in stack.breakers.items():
        found |= {_move(name, before, after) for before, after in _moves(recording, facts)}
    found |= {_answer(one.degraded) for one in recording.requests.outcomes if one.degraded}
    struck = first_struck(recording)
    if struck is not None:
        firing = [one for one in alert_spans(recording) if one.state == AlertState.FIRING]
        spans = [one for one in firing if one.start >= struck]
        found |= {_fired(one.alert) for one in spans}
    return frozenset(found)


def _moves(recording: Recording, facts: BreakerFacts) -> Iterator[tuple[str, str]]:
    for history in breaker_histories(recording, facts):
        states = [state for _, state in history.scrapes]
        yield from ((before, after) for before, after in pairwise(states) if before != after)


def _move(breaker: str, before: str, after: str) -> str:
    return f"breaker {breaker}: {before} -> {after}"


def _answer(state: str) -> str:
    return f"degraded answer: {state}"


def _fired(alert: str) -> str:
    return f"alert fired: {alert}"
