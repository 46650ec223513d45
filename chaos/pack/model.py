"""The contents of a pack, and its pages: sections of blocks that are written as HTML and as Markdown."""

from __future__ import annotations

from dataclasses import dataclass

from chaos.gameday.model import GameDay, ScenarioSlot
from chaos.gameday.policy import Policy
from chaos.gameday.runbook import RunbookStep
from chaos.model.plan import Plan


@dataclass(frozen=True)
class Words:
    """One paragraph."""

    text: str


@dataclass(frozen=True)
class Points:
    """A list. ``boxes``: with boxes to tick. ``numbered``: with numbers."""

    items: tuple[str, ...]
    boxes: bool = False
    numbered: bool = False


@dataclass(frozen=True)
class Grid:
    """A table; every row has as many cells as ``head``."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Words | Points | Grid


@dataclass(frozen=True)
class Section:
    """``apart``: it begins on a new sheet of paper. ``depth``: level of the heading, 2 or 3."""

    title: str
    blocks: tuple[Block, ...]
    apart: bool = False
    depth: int = 2


@dataclass(frozen=True)
class Page:
    """``banner``: the line above the title, which says who may read the page."""

    title: str
    banner: str
    intro: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class PackScenario:
    """``plan``: that of the scenario at pace 1. ``runbook``, ``steps``: its runbook; empty without one."""

    slot: ScenarioSlot
    plan: Plan
    runbook: str
    steps: tuple[RunbookStep, ...]

    @property
    def title(self) -> str:
        return self.slot.title or self.plan.scenario.title


@dataclass(frozen=True)
class PackDay:
    """One game day. ``file``: its file, as typed for ``gameday host``. ``scenarios``: in file order."""

    day: GameDay
    policy: Policy
    file: str
    scenarios: tuple[PackScenario, ...]
