"""What a scenario of a game day required of the response, and whether each requirement was met.

Post-mortems and findings use these requirements. gameday adds no name of a person to them. It quotes what
people entered unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from chaos.gameday.deadlines import DeadlineKind, ResponseDeadline, Status
from chaos.gameday.debrief import SlotDebrief
from chaos.gameday.expectations import ExpectationOutcome
from chaos.gameday.people_events import Missing, StepResult, StepTicked
from chaos.gameday.response_score import PartName
from chaos.timing import format_duration, measured_duration


class Area(StrEnum):
    """Where to look for the cause of a requirement that was not met."""

    PROCESS = "process"
    TOOLS = "tools and information"


@dataclass(frozen=True)
class ResponseRequirement:
    """One requirement. ``key`` is the same in every game day that plays the scenario. ``title``: what people
    should achieve. ``why``: why it was not met; empty if it was.
    """

    key: str
    title: str
    met: bool
    why: str = ""
    area: Area = Area.PROCESS


def requirements_of(slot: SlotDebrief) -> tuple[ResponseRequirement, ...]:
    """The requirements, in this order: expectations, deadlines, severity, runbook steps, missing things.

    Requirements that did not apply or are still open are left out.
    """
    return (
        *_expectations(slot),
        *_deadlines(slot.deadlines),
        *_severity(slot),
        *_steps(slot.slot.steps),
        *_missing(slot),
    )


def not_met(slot: SlotDebrief) -> tuple[ResponseRequirement, ...]:
    """Those of ``requirements_of`` that were not met, in the same order."""
    return tuple(one for one in requirements_of(slot) if not one.met)


def _expectations(slot: SlotDebrief) -> Iterator[ResponseRequirement]:
    for one in slot.expectations:
        if one.standing is not ExpectationOutcome.OPEN:
            what, by = one.expectation.what, format_duration(one.expectation.by)
            met = one.standing is ExpectationOutcome.MET
            yield ResponseRequirement(
                f"expectation/{what}", f"Expected: {what}", met, "" if met else f"not met within {by}"
            )


def _deadlines(due: Iterable[ResponseDeadline]) -> Iterator[ResponseRequirement]:
    """All updates together are one requirement, however many were due."""
    groups: dict[str, list[ResponseDeadline]] = {}
    for one in due:
        if one.status in (Status.MET, Status.LATE):
            name = "updates" if one.kind is DeadlineKind.UPDATE else one.name
            groups.setdefault(name, []).append(one)
    for name, group in groups.items():
        late = [one for one in group if one.status is Status.LATE]
        yield ResponseRequirement(
            f"deadline/{name}", f"Meet the deadline: {name}", not late, "; ".join(map(_lateness, late))
        )


def _lateness(one: ResponseDeadline) -> str:
    allowed = "" if one.allowed is None else f" (allowed: {format_duration(one.allowed)})"
    return f"{one.name} was {'not recorded' if one.met is None else 'late'}{allowed}"


def _severity(slot: SlotDebrief) -> Iterator[ResponseRequirement]:
    part = next(one for one in slot.score.parts if one.name is PartName.SEVERITY)
    met = part.share == 1.0
    yield ResponseRequirement(
        "severity", "Declare the severity that the incident deserves", met, "" if met else part.detail
    )


def _steps(ticks: Iterable[StepTicked]) -> Iterator[ResponseRequirement]:
    """The last result of each step counts. A skipped step is left out, because its result is unknown."""
    last = {(tick.runbook, tick.step): tick for tick in ticks}
    for (runbook, step), tick in last.items():
        if tick.result is not StepResult.SKIPPED:
            met = tick.result is StepResult.WORKED
            title = f"Correct step {step} of {runbook}" + (f" ({tick.title})" if tick.title else "")
            why = "it did not work" + (f": {tick.words}" if tick.words else "")
            yield ResponseRequirement(f"step/{runbook}/{step}", title, met, "" if met else why, Area.TOOLS)


def _missing(slot: SlotDebrief) -> Iterator[ResponseRequirement]:
    """What people reported as missing.

    What they did not report counts as present only if they resolved the incident. Otherwise it is left out,
    because they may not have needed it yet.
    """
    stuck = {one.missing: one for one in slot.stuck}
    for missing in Missing:
        found = stuck.get(missing)
        if found is None and slot.slot.resolved is None:
            continue
        words = [one.words for one in slot.slot.stuck if one.missing is missing and one.words]
        why = "" if found is None else f"stuck for {measured_duration(found.minutes * 60)}"
        why += "".join(f"; {one}" for one in words)
        yield ResponseRequirement(
            f"stuck/{missing.value}", f"Provide the missing {missing.value}", found is None, why, Area.TOOLS
        )
