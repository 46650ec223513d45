"""The sheet of one scenario in the guide: what breaks, what should happen, and which hints help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chaos.gameday.model import GameDay, Inject
from chaos.gameday.policy import Policy, Term, UntimedDeadline
from chaos.model.scenario import CheckParams
from chaos.pack.model import Grid, PackScenario, Points, Section, Words
from chaos.report import human

_OTHERS = "detection"  # its alerts are in a separate table


def sheet_of(number: int, one: PackScenario, day: GameDay, policy: Policy) -> Iterator[Section]:
    """The sections of the sheet; the first begins on a new page. ``number`` counts from 1."""
    scenario, slot = one.plan.scenario, one.slot
    real = f" ({human.duration(slot.length / day.pace)} at pace {day.pace:g})" if day.pace != 1 else ""
    yield Section(
        f"Scenario {number}: {one.title}",
        (
            Words(
                f"{scenario.scenario} ({scenario.title}), in {slot.scenario}. "
                f"It lasts {human.duration(slot.length)}{real}; its severity is {slot.severity.value}."
            ),
            Words("Times count from the steady state and are production time."),
        ),
        apart=True,
    )
    yield Section("What breaks", (_faults(one, day),), depth=3)
    alerts = tuple(
        (each.alert, human.duration(round(each.within)), human.duration(round(each.bound)))
        for each in one.plan.deadlines
    )
    yield Section(
        "Alerts that should fire",
        (
            Grid(("alert", "at the latest after the fault", "its rule needs up to"), alerts)
            if alerts
            else Words("The scenario expects no alert."),
        ),
        depth=3,
    )
    effects = tuple(_effects(scenario.expect))
    if effects:
        yield Section("What the system should do", (Points(effects),), depth=3)
    yield Section("What people should do", tuple(_people(one, policy)), depth=3)
    if slot.injects:
        yield Section("Cards and hints", (_injects(slot.injects),), depth=3)
    yield _runbook(one)


def _faults(one: PackScenario, day: GameDay) -> Grid:
    later = f", or up to {human.duration(day.spread)} later (drawn)" if day.spread else ""
    return Grid(
        ("at", "fault", "undone"),
        tuple(
            (
                human.duration(planned.start) + later,
                planned.step.summary(),
                f"by the procedure {planned.step.answer}"
                if planned.step.answer is not None
                else f"after {human.duration(planned.end - planned.start)}, by gameday",
            )
            for planned in one.plan.steps
        ),
    )


def _effects(expect: Mapping[str, Sequence[CheckParams]]) -> Iterator[str]:
    for check, entries in expect.items():
        if check != _OTHERS:
            for entry in entries:
                stated = entry.model_dump(mode="json", exclude_unset=True)
                yield f"{check}: " + ", ".join(f"{key} {_plain(value)}" for key, value in stated.items())


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(inner) for inner in value)
    return str(value)


def _people(one: PackScenario, policy: Policy) -> Iterator[Grid | Points]:
    slot = one.slot
    rules = policy.severities.get(slot.severity)
    due = policy.communication.get(slot.severity, {})
    said = [] if rules is None else [f"respond: {_within(rules.respond_within)}"]
    said += [f"{name.replace('_', ' ')}: {_within(within)}" for name, within in due.items()]
    if rules is not None:
        said.append(f"updates: {_within(rules.update_every, 'every')}")
    if slot.escalate is not None:
        said.append(
            f"not resolved after {human.duration(slot.escalate.after)}: escalate to {slot.escalate.to}"
        )
    yield Points(tuple(f"{slot.severity.value}: {words}" for words in said))
    if slot.expectations:
        yield Grid(
            ("expectation", "by", "who confirms it"),
            tuple(
                (
                    each.what,
                    human.duration(each.by),
                    "you, with one press" if each.condition is None else f"gameday, when: {each.condition}",
                )
                for each in slot.expectations
            ),
        )


def _within(due: Term, word: str = "within") -> str:
    return due.words if isinstance(due, UntimedDeadline) else f"{word} {human.duration(due)}"


def _injects(injects: Sequence[Inject]) -> Grid:
    return Grid(
        ("when", "to", "text"),
        tuple(
            (
                inject.trigger,
                ", ".join(role.value for role in inject.to) or "all",
                f"{'Hint' if inject.hint else 'Card'}: {inject.text}",
            )
            for inject in injects
        ),
    )


def _runbook(one: PackScenario) -> Section:
    if not one.runbook:
        return Section("Runbook", (Words("The scenario names no runbook."),), depth=3)
    steps = tuple(step.title for step in one.steps if step.prescribed)
    said = f"{one.runbook}. Participants reach it from the alert, and tick off each step."
    others = len(one.steps) - len(steps)
    if others:
        said += " Every incident needs the steps below."
        said += f" It has {human.count(others, 'more step', 'more steps')} for some cases."
    return Section(
        "Runbook", (Words(said), Points(steps, numbered=True)) if steps else (Words(said),), depth=3
    )
