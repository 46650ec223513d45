"""What is known of an incident or an exercise, before it is drawn as a post-mortem."""

from __future__ import annotations

from chaos.model.base import Frozen


class Entry(Frozen):
    """One line of the timeline. ``at``: seconds since the epoch. ``evidence``: where it was recorded."""

    at: float
    what: str
    evidence: str


class Figure(Frozen):
    name: str
    value: str


class Action(Frozen):
    """What to do, and the fact behind it."""

    what: str
    why: str


class PostMortem(Frozen):
    """``record``: what it is about, such as ``run 43cacb``; no two have the same. ``ended`` None: not over.

    ``drill``: it was an exercise. ``retest``: the scenario that causes it again. Everything
    else is empty where nothing is known.
    """

    record: str
    title: str
    drill: bool
    severity: str = ""
    began: float
    ended: float | None
    summary: tuple[str, ...]
    timeline: tuple[Entry, ...] = ()
    impact: tuple[Figure, ...] = ()
    detection: tuple[Figure, ...] = ()
    cause: tuple[str, ...] = ()
    recovery: tuple[Figure, ...] = ()
    actions: tuple[Action, ...] = ()
    retest: str = ""
