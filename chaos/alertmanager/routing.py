"""Computes who receives an alert: its routes, when they send, and what silences it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from chaos.alertmanager.config import Inhibition, Route, Routing
from chaos.model.rules import Matcher

Labels = Mapping[str, str]


def routes_of(routing: Routing, labels: Labels) -> tuple[Route, ...]:
    """The routes that an alert with these labels takes, in file order; the root route if no other matches."""
    return tuple(_taken(routing.root, labels)) or (routing.root,)


def sends_at(routing: Routing, route: Route, instant: datetime) -> bool:
    """Does a route send at ``instant`` (with a time zone)? Outside its hours Alertmanager waits for them."""
    if any(_holds(routing, name, instant) for name in route.mute):
        return False
    return not route.active or any(_holds(routing, name, instant) for name in route.active)


def receivers_at(routing: Routing, labels: Labels, instant: datetime) -> tuple[str, ...]:
    """The receivers to which an alert with these labels is sent at ``instant``."""
    found = (route.receiver for route in routes_of(routing, labels) if sends_at(routing, route, instant))
    return tuple(dict.fromkeys(found))


def silenced_by(routing: Routing, labels: Labels, firing: Iterable[Labels]) -> Labels | None:
    """The first ``firing`` alert that silences an alert with these labels; None if none does.

    As in Alertmanager, an alert does not silence itself, and an alert that matches both sides of a rule does
    not silence another one that does.
    """
    for source in firing:
        for rule in routing.inhibitions:
            if _silences(rule, source, labels):
                return source
    return None


def _silences(rule: Inhibition, source: Labels, labels: Labels) -> bool:
    if not (_meets(rule.source, source) and _meets(rule.target, labels)):
        return False
    if _meets(rule.source, labels) and _meets(rule.target, source):
        return False
    return all(source.get(name, "") == labels.get(name, "") for name in rule.equal)


def _taken(route: Route, labels: Labels) -> list[Route]:
    if not _meets(route.matchers, labels):
        return []
    found: list[Route] = []
    for child in route.routes:
        below = _taken(child, labels)
        found += below
        if below and not child.proceeds:
            break
    return found or [route]


def _meets(matchers: Sequence[Matcher], labels: Labels) -> bool:
    return all(matcher.matches(labels) for matcher in matchers)


def _holds(routing: Routing, name: str, instant: datetime) -> bool:
    return any(hours.hold(instant) for hours in routing.intervals[name])
