"""What a pack is made of, and a page of it: sections of plain blocks, drawn as HTML and as Markdown."""

from __future__ import annotations

from dataclasses import dataclass

from chaos.gameday.model import GameDay, Slot
from chaos.gameday.policy import Policy
from chaos.gameday.runbook import RunbookStep
from chaos.model.plan import Plan


@dataclass(frozen=True)
class Words:
    """One paragraph."""

    text: str


@dataclass(frozen=True)
class Points:
    """A list. ``boxes``: to tick off. ``numbered``: in this order."""

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
    """``apart``: it begins on a new sheet of paper. ``depth``: 2 for a section, 3 for a part of one."""

    title: str
    blocks: tuple[Block, ...]
    apart: bool = False
    depth: int = 2


@dataclass(frozen=True)
class Page:
    """``banner``: the line above the title, such as who may read it."""

    title: str
    banner: str
    intro: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class PackScenario:
    """``plan``: of the scenario in production time (pace 1). ``steps``: of its runbook, empty without one."""

    slot: Slot
    plan: Plan
    runbook: str
    steps: tuple[RunbookStep, ...]

    @property
    def title(self) -> str:
        return self.slot.title or self.plan.scenario.title


@dataclass(frozen=True)
class PackDay:
    """``file``: the game-day file as it is typed for ``gameday host``, with its ``scenarios`` in order."""

    day: GameDay
    policy: Policy
    file: str
    scenarios: tuple[PackScenario, ...]
