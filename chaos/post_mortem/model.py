"""What a post-mortem says about an incident or an exercise, before it is written as Markdown."""

from __future__ import annotations

from chaos.model.base import Frozen


class TimelineEntry(Frozen):
    """One line of the timeline. ``at``: seconds since the epoch. ``evidence``: where it was recorded.

    ``who``: a role or gameday; empty if only the machine was recorded.
    """

    at: float
    what: str
    evidence: str
    who: str = ""


class PostMortemFigure(Frozen):
    name: str
    value: str


class Action(Frozen):
    """What to do, and why. ``retest``: the scenario that tests it; empty if unknown."""

    what: str
    why: str
    retest: str = ""


class PostMortem(Frozen):
    """``record``: the unique name of what it is about, such as ``run 43cacb``. ``began``, ``ended``: seconds
    since the epoch; ``ended`` None: not over.

    ``drill``: it was an exercise. ``people``: what people did was recorded too. ``retest``: the scenarios
    that cause it again. ``worked`` and ``improve``: lessons from the record. Everything else is empty if
    nothing is known.
    """

    record: str
    title: str
    drill: bool
    people: bool = False
    severity: str = ""
    began: float
    ended: float | None
    summary: tuple[str, ...]
    timeline: tuple[TimelineEntry, ...] = ()
    impact: tuple[PostMortemFigure, ...] = ()
    detection: tuple[PostMortemFigure, ...] = ()
    cause: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()
    recovery: tuple[PostMortemFigure, ...] = ()
    actions: tuple[Action, ...] = ()
    worked: tuple[str, ...] = ()
    improve: tuple[str, ...] = ()
    retest: tuple[str, ...] = ()
