"""What a step of the machine's wall clock does to every file of a run; the monotonic clock goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import cast

from pydantic import JsonValue

from tests.metamorphic.files import Files, Line, number
from tests.metamorphic.line_changes import INSTANTS

AFTERWARDS = (*INSTANTS, "ended")


def step_back(random: Random, files: Files) -> Files | None:
    """From an instant on the wall clock is 1 to 20 s behind."""
    return _stepped(files, _instant(random, files), -random.uniform(1, 20))


def step_forward(random: Random, files: Files) -> Files | None:
    """From an instant on the wall clock is 1 to 20 s ahead."""
    return _stepped(files, _instant(random, files), random.uniform(1, 20))


def step_there_and_back(random: Random, files: Files) -> Files | None:
    """The wall clock steps, and later steps back."""
    first, later = sorted((_instant(random, files), _instant(random, files)))
    by = random.uniform(1, 20) * random.choice((-1, 1))
    there = _stepped(files, first, by)
    return _stepped(there, later + by, -by)


CLOCK_CHANGES: tuple[Callable[[Random, Files], Files | None], ...] = (
    step_back,
    step_forward,
    step_there_and_back,
)


def _instant(random: Random, files: Files) -> float:
    first, last = files.span
    return random.uniform(first + 0.1 * (last - first), last)


def _stepped(files: Files, instant: float, by: float) -> Files:
    """Instants from ``instant`` on move by ``by``; durations stay as they were measured."""

    def moved(value: float) -> float:
        return value + by if value >= instant else value

    def line(one: Line) -> Line:
        return {
            key: moved(number(value)) if key in AFTERWARDS and value is not None else value
            for key, value in one.items()
        }

    changed = replace(files, lines={part: tuple(map(line, lines)) for part, lines in files.lines.items()})
    if files.readback is not None:
        changed = replace(changed, readback=tuple(map(line, files.readback)))
    if files.metrics is not None:
        series = [
            {
                **one,
                "samples": sorted(
                    [moved(at), value] for at, value in cast(list[list[float]], one["samples"])
                ),
            }
            for one in cast(list[Mapping[str, JsonValue]], files.metrics["series"])
        ]
        read_to = files.metrics.get("read_to")
        changed = replace(
            changed,
            metrics=cast(
                Mapping[str, JsonValue],
                {
                    **files.metrics,
                    "series": series,
                    "read_to": moved(number(read_to)) if read_to is not None else None,
                },
            ),
        )
    return changed
