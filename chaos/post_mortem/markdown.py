"""Writes a post-mortem as Markdown. The sections and deadlines come from the incident guide. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from chaos.post_mortem.model import PostMortem, PostMortemFigure
from chaos.post_mortem.place import mark_of
from chaos.report.human import instant
from chaos.report.markdown import table, text

SECTIONS = (
    "Executive summary",
    "Timeline",
    "Impact analysis",
    "Detection",
    "Root cause analysis",
    "Contributing factors",
    "Resolution and recovery",
    "Action items",
    "Lessons learned",
    "Prevention measures",
)
BLANK = "_to fill in_"
RETEST = "- The scenario that tests this from now on: "
IMPROVE = "- What could improve"  # with several scenarios the name of the scenario follows in brackets
LATE = "late: more than"  # in the head of a file that was created late
_DAY = 86400.0
# Seconds from the end of the incident, or from its beginning while it is open. Source: the incident guide.
_CREATED, _MEETING, _PUBLISHED = 1 * _DAY, 3 * _DAY, 7 * _DAY
ACTION_DUE = 14 * _DAY  # after the file was created; gameday's own figure, which people change in the file


def drawn(record: PostMortem, number: str, now: float, owner: str = "") -> str:
    """The text of the file. ``number``: its ``INC-`` number. ``now``: seconds since the epoch. ``owner``: of
    the action items; empty: a blank. Each blank is marked ``BLANK``.
    """
    bodies: dict[str, Iterable[str]] = {
        "Executive summary": (*_lines(record.summary), "", f"What users saw, in two sentences: {BLANK}"),
        "Timeline": _timeline(record),
        "Impact analysis": (*_figures(record.impact), "", f"How many users, and what it cost: {BLANK}"),
        "Detection": (
            *_figures(record.detection),
            *(() if record.people else ("", f"Who noticed it first, and how: {BLANK}")),
        ),
        "Root cause analysis": (
            *_lines(record.cause),
            "",
            *(f"{count}. Why? {BLANK}" for count in range(1, 6)),
        ),
        "Contributing factors": (
            *_lines(record.factors),
            f"- In the system: {BLANK}",
            f"- In the process: {BLANK}",
            f"- In tools and information: {BLANK}",
        ),
        "Resolution and recovery": (*_figures(record.recovery), "", f"What ended it: {BLANK}"),
        "Action items": _actions(record, now, owner),
        "Lessons learned": _lessons(record),
        "Prevention measures": (
            *(f"{RETEST}{text(name)}" for name in record.retest or (BLANK,)),
            f"- Changes that keep it from happening again: {BLANK}",
        ),
    }
    lines = list(_head(record, number, now))
    for title in SECTIONS:
        lines += ["", f"## {title}", "", *bodies[title]]
    return "\n".join(lines) + "\n"


def missing_sections(written: str) -> tuple[str, ...]:
    """The sections of the guide that a post-mortem lacks."""
    found = {line.removeprefix("## ").strip() for line in written.splitlines() if line.startswith("## ")}
    return tuple(title for title in SECTIONS if title not in found)


def blanks_in(written: str) -> tuple[int, ...]:
    """The numbers of the lines, from 1, that still have a blank."""
    return tuple(number for number, line in enumerate(written.splitlines(), 1) if re.search(BLANK, line))


def _head(record: PostMortem, number: str, now: float) -> Iterable[str]:
    yield f"# {'DRILL: ' if record.drill else ''}{number} {text(record.title)}"
    yield ""
    yield mark_of(record.record)
    if record.drill:
        yield ""
        yield "**DRILL.** This was an exercise. It does not count in the figures of real incidents."
    end = record.ended if record.ended is not None else record.began
    late = now - end > _CREATED
    yield ""
    yield table(
        ("", ""),
        [
            ("about", text(record.record)),
            ("severity", text(record.severity) or BLANK),
            ("began", instant(record.began)),
            ("ended", instant(record.ended) if record.ended is not None else "not recorded"),
            ("created", f"{instant(now)}, {LATE if late else 'within'} 24 hours after the end"),
            ("meeting by", f"{datetime.fromtimestamp(end + _MEETING, UTC):%Y-%m-%d}"),
            ("published by", f"{datetime.fromtimestamp(end + _PUBLISHED, UTC):%Y-%m-%d}"),
        ],
    )
    yield ""
    yield "This text is blameless: it names roles and systems, and asks how the system let it happen."


def _lines(lines: Sequence[str]) -> Iterable[str]:
    return (f"- {text(line)}" for line in lines)


def _timeline(record: PostMortem) -> Iterable[str]:
    head = ("UTC", *(("who",) if record.people else ()), "what happened", "evidence")
    rows = [
        (
            f"{datetime.fromtimestamp(one.at, UTC):%Y-%m-%d %H:%M:%S}",
            *((text(one.who),) if record.people else ()),
            text(one.what),
            text(one.evidence),
        )
        for one in record.timeline
    ]
    return (table(head, rows), *(() if record.people else ("", f"What people did: {BLANK}")))


def _lessons(record: PostMortem) -> Iterable[str]:
    several = len(record.retest) > 1
    yield from (f"- Went well: {text(one)}" for one in record.worked)
    yield f"- What went well: {BLANK}"
    yield from (f"- Can improve: {text(one)}" for one in record.improve)
    for name in record.retest if several else ("",):
        yield f"{IMPROVE}{f' ({text(name)})' if name else ''}: {BLANK}"
    yield f"- Where we got lucky: {BLANK}"


def _figures(figures: Sequence[PostMortemFigure]) -> Iterable[str]:
    if not figures:
        return ("Nothing was recorded.",)
    return (table(("figure", "value"), [(text(one.name), text(one.value)) for one in figures]),)


def _actions(record: PostMortem, now: float, owner: str) -> Iterable[str]:
    due = f"{datetime.fromtimestamp(now + ACTION_DUE, UTC):%Y-%m-%d}"
    who = text(owner) or BLANK
    several = len(record.retest) > 1
    rows = [
        (text(one.what), text(one.why), who, due, *((text(one.retest),) if several else ()))
        for one in record.actions
    ]
    head = ("action", "because", "owner", "due", *(("re-tested by",) if several else ()))
    return (table(head, rows or [(BLANK, BLANK, who, due, *((BLANK,) if several else ()))]),)
