"""Every change that is tried on a run: one operator a change and file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from tests.metamorphic import line_changes
from tests.metamorphic.clocks import CLOCK_CHANGES
from tests.metamorphic.documents import METRICS_CHANGES, READBACK_CHANGES
from tests.metamorphic.files import Files, Lines


@dataclass(frozen=True)
class Operator:
    """``change`` returns None where the run has nothing that could be changed so."""

    name: str
    change: Callable[[Random, Files], Files | None]


def _on_lines(change: line_changes.LineChange, part: Lines, random: Random, files: Files) -> Files | None:
    lines = files.lines.get(part, ())
    return files.but(part, change(random, part, lines)) if len(lines) > 3 else None


def _words(change: Callable[..., object]) -> str:
    return getattr(change, "__name__", "change").replace("_", " ")


OPERATORS: tuple[Operator, ...] = (
    *(
        Operator(f"{part.value.partition('.')[0]}: {_words(change)}", partial(_on_lines, change, part))
        for part in Lines
        for change in line_changes.CHANGES
    ),
    *(Operator(f"metrics: {_words(change)}", change) for change in METRICS_CHANGES),
    *(Operator(f"readback: {_words(change)}", change) for change in READBACK_CHANGES),
    *(Operator(f"clock: {_words(change)}", change) for change in CLOCK_CHANGES),
)
BY_NAME = {operator.name: operator for operator in OPERATORS}
