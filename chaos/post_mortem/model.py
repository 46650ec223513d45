"""What is known of an incident or an exercise, before it is drawn as a post-mortem."""

from __future__ import annotations

from chaos.model.base import Frozen


class Entry(Frozen):
    """One line of the timeline. ``at``: seconds since the epoch. ``evidence``: where it was recorded.

    ``who``: a role or gameday; empty where only the machine was recorded.
    """

    at: float
    what: str
    evidence: str
    who: str = ""


class Figure(Frozen):
    name: str
    value: str


class Action(Frozen):
    """What to do, and the fact behind it. ``retest``: the scenario that tests it; empty: not known."""

    what: str
    why: str
    retest: str = ""


class PostMortem(Frozen):
    """``record``: what it is about, such as ``run 43cacb``; no two have the same. ``ended`` None: not over.

    ``drill``: it was an exercise. ``people``: what people did was recorded too. ``retest``: the scenarios
    that cause it again. ``worked`` and ``improve``: lessons that the record shows. Everything else is empty
    where nothing is known.
    """

    record: str
    title: str
    drill: bool
    people: bool = False
    severity: str = ""
    began: float
    ended: float | None
    summary: tuple[str, ...]
    timeline: tuple[Entry, ...] = ()
    impact: tuple[Figure, ...] = ()
    detection: tuple[Figure, ...] = ()
    cause: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()
    recovery: tuple[Figure, ...] = ()
    actions: tuple[Action, ...] = ()
    worked: tuple[str, ...] = ()
    improve: tuple[str, ...] = ()
    retest: tuple[str, ...] = ()
