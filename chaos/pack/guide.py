"""The guide for the facilitator: everything needed to run the day, with the answers."""

from __future__ import annotations

from collections.abc import Iterator

from chaos.gameday.model import Order
from chaos.pack.model import Grid, PackDay, Page, Points, Section, Words
from chaos.pack.participants import clocks, roles_of
from chaos.pack.sheet import sheet_of
from chaos.pack.texts import (
    AFTER,
    BEFORE,
    BRIEFING,
    CONTROLS,
    DEBRIEF,
    DURING,
    GLOSSARY,
    QUESTIONS,
    READING,
)
from chaos.report import human


def guide_of(pack: PackDay) -> Page:
    """The guide of one game day."""
    day = pack.day
    return Page(
        title=f"Facilitator's guide: {day.title}",
        banner="DRILL · contains the answers: for the facilitator only",
        intro="Read it for 45 minutes and you can run the day. You need no knowledge of gameday.",
        sections=(
            Section("How to read it", (Grid(("time", "what"), READING),)),
            Section("The day", tuple(_the_day(pack))),
            Section(
                "The stop word",
                (Words(f"{day.stop_word}. Whoever says it ends the day: press its button at once."),),
            ),
            Section("Roles", (roles_of(day),)),
            Section("Before the day", (Points(BEFORE, boxes=True),), apart=True),
            Section("Start it", tuple(_start(pack))),
            Section("During the day", (Points(DURING, boxes=True),)),
            Section("The control page", (Grid(("button", "what it does"), CONTROLS),)),
            *(
                section
                for number, one in enumerate(pack.scenarios, 1)
                for section in sheet_of(number, one, day, pack.policy)
            ),
            Section("Deadlines of the response", clocks(pack.policy), apart=True),
            Section("The debrief", (Points(QUESTIONS, numbered=True),)),
            Section("After the day", (Points(AFTER, boxes=True), _commands())),
            Section("Words", (Grid(("word", "meaning"), GLOSSARY),)),
        ),
    )


def _the_day(pack: PackDay) -> Iterator[Words | Grid]:
    """The timetable in real time, without the start of the stacks."""
    day = pack.day
    drawn = day.order is Order.DRAWN and len(pack.scenarios) > 1
    rows = [("0 min", human.duration(BRIEFING), "lobby: rules, stop word, test page, first prediction")]
    at = BRIEFING
    for number, one in enumerate(pack.scenarios, 1):
        length = one.slot.length / day.pace
        what = f"scenario in position {number}" if drawn else f"scenario {number}: {one.title}"
        rows.append((human.duration(at), human.duration(length), what))
        at += length
    rows.append((human.duration(at), human.duration(DEBRIEF), "reveal and debrief"))
    yield Grid(("from", "for", "what"), tuple(rows))
    yield Words(
        f"{human.duration(at + DEBRIEF)} in all, at pace {day.pace:g}. Each start of the stack "
        "adds a minute or two."
    )
    if drawn:
        yield Words(
            "The order is drawn when the day begins. Only the control page shows it; the sheets "
            "below have the order of the file."
        )
    if day.spread:
        yield Words(
            f"Faults come up to {human.duration(day.spread)} later than the sheets say; that is drawn too."
        )
    if day.blind:
        yield Words(
            "The day is blind: participants see neither the names nor the order of the scenarios "
            "before the reveal."
        )


def _start(pack: PackDay) -> Iterator[Points | Words]:
    yield Points(
        (
            f"rehearsal: gameday host {pack.file} --pace 20",
            f"the day: gameday host {pack.file}"
            + (f" (pace {pack.day.pace:g}, as in the file)" if pack.day.pace != 1 else ""),
            "if the server was killed: gameday host --resume FOLDER; tokens and entries are kept",
        )
    )
    yield Words(
        "The command prints an address for each role, and the folder of the day. It listens "
        "on this computer only."
    )


def _commands() -> Points:
    return Points(
        (
            "gameday debrief FOLDER --anonymous: the debrief with roles in place of names",
            "gameday post-mortem FOLDER: the post-mortem of the day",
            "gameday findings --from FOLDER --owner ROLE: what was not met, as findings",
        )
    )
