"""An on-call file, with every problem at ``file:line:column`` at once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from chaos.errors import BadInput, Problem
from chaos.on_call.instants import read_instant
from chaos.on_call.model import MOST_PEOPLE, WEEKDAYS, Cover, Duty, Rota, RotaFile
from chaos.on_call.shifts import on_duty, shift_at
from chaos.scenario.places import Document, Loc, read_document
from chaos.scenario.plain_words import problems_of
from chaos.suggestions import known_words

LONGEST_COVER = timedelta(days=366)


def read_rota(path: Path, shown: str | None = None) -> Rota:
    """Read an on-call file. Raises ``BadInput`` with all its problems."""
    document = read_document(path, shown)
    problems = list(document.problems)
    try:
        written = RotaFile.model_validate(document.data)
    except ValidationError as error:
        raise BadInput([*problems, *problems_of(error, RotaFile, document)]) from None
    problems += [*_start(written, document), *_people(written, document)]
    covers: list[Cover] = []
    for index in range(len(written.overrides)):
        try:
            covers.append(_cover(written, index, document))
        except BadInput as bad:
            problems += bad.problems
    if problems:
        raise BadInput(dict.fromkeys(problems))
    rota = Rota(
        name=written.on_call,
        time_zone=written.time_zone,
        handoff=written.handoff,
        starts=written.starts,
        people=written.people,
        rotations=written.rotations,
        covers=tuple(covers),
    )
    problems += [*_two_duties(rota, document), *_two_duties_by_cover(rota, document)]
    if problems:
        raise BadInput(dict.fromkeys(problems))
    return rota


def _start(written: RotaFile, document: Document) -> Iterator[Problem]:
    if written.starts.weekday() != written.handoff.weekday:
        day = WEEKDAYS[written.starts.weekday()]
        message = f"{written.starts} is a {day}, and the handoff is on {written.handoff.words}"
        yield document.problem(("starts",), message, "name the day of a handoff")


def _people(written: RotaFile, document: Document) -> Iterator[Problem]:
    for duty in Duty:
        names = written.rotations.get(duty, ())
        if not 1 <= len(names) <= MOST_PEOPLE:
            loc: Loc = ("rotations", str(duty)) if duty in written.rotations else ("rotations",)
            yield document.problem(loc, f"expected 1 to {MOST_PEOPLE} people as {duty}, got {len(names)}")
        for index, name in enumerate(names):
            if name not in written.people:
                yield _unknown(written, name, document, ("rotations", str(duty), index))
    for index, override in enumerate(written.overrides):
        if override.person not in written.people:
            yield _unknown(written, override.person, document, ("overrides", index, "person"))


def _unknown(written: RotaFile, name: str, document: Document, loc: Loc) -> Problem:
    return document.problem(loc, f"{name!r} is not listed under people", known_words(name, written.people))


def _cover(written: RotaFile, index: int, document: Document) -> Cover:
    override = written.overrides[index]
    zone = ZoneInfo(written.time_zone)
    instants: list[datetime] = []
    problems: list[Problem] = []
    for key, text in (("from", override.begins), ("until", override.ends)):
        try:
            instants.append(read_instant(text, zone))
        except ValueError as error:
            problems.append(document.problem(("overrides", index, key), str(error)))
    if problems:
        raise BadInput(problems)
    begins, ends = instants
    if not timedelta(0) < ends - begins <= LONGEST_COVER:
        message = f"expected an instant after from, and at most {LONGEST_COVER.days} days later"
        raise BadInput([document.problem(("overrides", index, "until"), message)])
    return Cover(begins=begins, ends=ends, duty=override.duty, person=override.person, reason=override.reason)


def _two_duties(rota: Rota, document: Document) -> Iterator[Problem]:
    """The secondary answers when the primary does not, so they must never be the same person."""
    primary, secondary = rota.rotations[Duty.PRIMARY], rota.rotations[Duty.SECONDARY]
    for number in range(math.lcm(len(primary), len(secondary))):
        if primary[number % len(primary)] == secondary[number % len(secondary)]:
            person = primary[number % len(primary)]
            message = f"{person} is primary and secondary in week {number + 1}"
            yield document.problem(("rotations", "secondary"), message, "change the order of one rotation")
            return


def _two_duties_by_cover(rota: Rota, document: Document) -> Iterator[Problem]:
    edges = {instant for cover in rota.covers for instant in (cover.begins, cover.ends)}
    for index, cover in enumerate(rota.covers):
        inside = {cover.begins, *(one for one in edges if cover.begins <= one < cover.ends)}
        shift = shift_at(rota, cover.begins)
        while shift is not None and shift.ends < cover.ends:
            inside.add(shift.ends)
            shift = shift_at(rota, shift.ends)
        for instant in sorted(inside):
            duties = on_duty(rota, instant)
            if duties and duties[Duty.PRIMARY] == duties[Duty.SECONDARY]:
                local = f"{instant.astimezone(rota.zone):%Y-%m-%d %H:%M}"
                message = f"{cover.person} would be primary and secondary from {local}"
                if cover.person == duties[Duty.PRIMARY]:
                    yield document.problem(("overrides", index), message, "also override the other duty")
                    break
