"""The page for participants: rules, roles and clocks. It contains nothing of the plan."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chaos.gameday.event_base import Role
from chaos.gameday.model import GameDay
from chaos.gameday.policy import Policy, Term, UntimedDeadline
from chaos.pack.model import Grid, PackDay, PackScenario, Page, Points, Section, Words
from chaos.pack.texts import BRIEFING, DEBRIEF, DUTIES, FAIR, HOW_IT_GOES
from chaos.report import human


def participants_of(pack: PackDay) -> Page:
    """The page says how many scenarios there are and how long they last, but not which."""
    day = pack.day
    played = sum(one.slot.length for one in pack.scenarios) / day.pace
    count = human.count(len(pack.scenarios), "scenario")
    return Page(
        title=day.title,
        banner="DRILL · for participants",
        intro=f"{count}, {human.duration(BRIEFING + played + DEBRIEF)} in all, with a debrief at the end.",
        sections=(
            Section("How it goes", (Points(HOW_IT_GOES, numbered=True),)),
            Section("Rules", (Points(tuple(dict.fromkeys((*FAIR, *day.rules)))),)),
            Section(
                "The stop word",
                (
                    Words(
                        f"{day.stop_word}: whoever says it ends the exercise. Everything is undone at once."
                    ),
                ),
            ),
            Section("Roles", (roles_of(day),)),
            Section("Clocks", clocks(pack.policy)),
        ),
    )


def roles_of(day: GameDay) -> Grid:
    """A table of the roles, with an empty column for names."""
    roles = [role for role in day.roles if role is not Role.GAMEDAY]
    return Grid(("role", "what it does", "name"), tuple((role.value, DUTIES[role], "") for role in roles))


def clocks(policy: Policy) -> tuple[Words, Grid]:
    """The deadlines of every severity, which are rules of the team and reveal no scenario."""
    return (
        Words("They start when the incident is detected. You declare the severity yourselves."),
        Grid(
            ("severity", "meaning", "respond within", "update every", "messages"),
            tuple(
                (
                    severity.value,
                    one.meaning,
                    term(one.respond_within),
                    term(one.update_every),
                    "; ".join(
                        f"{name.replace('_', ' ')}: {term(due)}"
                        for name, due in policy.communication.get(severity, {}).items()
                    )
                    or "none",
                )
                for severity, one in policy.severities.items()
            ),
        ),
    )


def term(due: Term) -> str:
    return due.words if isinstance(due, UntimedDeadline) else human.duration(due)


def leaks(pack: PackDay) -> tuple[tuple[str, str], ...]:
    """(key, word) for each secret word that a text of the game-day file would show to participants.

    Checks the title, the stop word and the rules. The rest of the page does not depend on the scenarios.
    """
    secrets = tuple(dict.fromkeys(word for one in pack.scenarios for word in secrets_of(one)))
    shown = (
        ("title", pack.day.title),
        ("stop_word", pack.day.stop_word),
        *(("rules", r) for r in pack.day.rules),
    )
    return tuple((key, word) for key, text in shown for word in secrets if holds(text, word))


def holds(text: str, word: str) -> bool:
    """Does ``text`` contain ``word`` as a whole word, in any case?"""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


def secrets_of(one: PackScenario) -> Iterator[str]:
    """The names and texts that would reveal one scenario."""
    scenario = one.plan.scenario
    yield from (scenario.scenario, scenario.title, one.title)
    for planned in one.plan.steps:
        yield from (planned.step.fault, planned.step.summary())
        yield from (part for part in re.split(r"->|[.\s]", planned.step.target()) if len(part) > 1)
    yield from (deadline.alert for deadline in one.plan.deadlines)
    yield from (inject.text for inject in one.slot.injects)
    yield from (expected.what for expected in one.slot.expectations)
    if one.runbook:
        yield one.runbook
    if one.slot.escalate is not None:
        yield one.slot.escalate.to
