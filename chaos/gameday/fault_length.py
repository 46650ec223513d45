"""How a game day changes the faults of a scenario: a drawn delay before them, and a longer fault.

gameday refuses a ``fault_for`` with which the fault could outlast its scenario (``fault_problems``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chaos.errors import Problem
from chaos.gameday.model import GameDay
from chaos.scenario import LoadedScenario
from chaos.scenario.places import Document
from chaos.timing import format_duration


def as_played(loaded: LoadedScenario, delay: float, fault_for: float | None) -> LoadedScenario:
    """The scenario with its faults ``delay`` production seconds later.

    ``fault_for``: production seconds that each fault stays; None: as the scenario file says.
    """
    timeline = loaded.scenario.timeline
    later = tuple(
        step.model_copy(update={"at": step.at + delay} | ({} if fault_for is None else {"hold": fault_for}))
        for step in timeline
    )
    return replace(loaded, scenario=loaded.scenario.model_copy(update={"timeline": later}))


def fault_problems(index: int, day: GameDay, loaded: LoadedScenario, document: Document) -> Iterator[Problem]:
    """The problems of ``fault_for`` in scenario ``index`` (from 0) of the game-day file."""
    slot, timeline = day.scenarios[index], loaded.scenario.timeline
    if slot.fault_for is None:
        return
    loc = ("scenarios", index, "fault_for")
    if len(timeline) != 1 or timeline[0].answer is not None:
        message = "fault_for needs a scenario with exactly one fault, and gameday must undo it"
        yield document.problem(loc, message, f"remove it: {slot.scenario} says how long its faults stay")
        return
    fault = timeline[0]
    if slot.fault_for < fault.hold:
        message = f"fault_for is shorter than the fault's own {format_duration(fault.hold)}"
        yield document.problem(loc, message, "the checks of the scenario need that long")
    latest = fault.at + day.spread + slot.fault_for
    if latest > slot.length:
        message = (
            f"the fault may stay until {format_duration(latest)}, which is after the scenario's end at "
            f"{format_duration(slot.length)}"
        )
        fix = f"at most {format_duration(max(fault.hold, slot.length - fault.at - day.spread))}"
        yield document.problem(loc, message, fix)
