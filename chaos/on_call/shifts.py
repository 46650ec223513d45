"""Who is on duty at an instant, and the shifts of the coming weeks. Pure.

A week is counted on the calendar of the schedule's time zone. A handoff stays at its local time when the
clocks change, so such a week is 167 or 169 hours long.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from chaos.model.base import Frozen
from chaos.on_call.instants import utc_of
from chaos.on_call.model import Cover, Duty, Rota

_DAYS = 7


class Shift(Frozen):
    """One week, from handoff to handoff; ``number`` counts from 0. Instants in UTC.

    ``people``: the rotation's. ``covers``: the overrides that touch the week.
    """

    number: int
    begins: datetime
    ends: datetime
    people: dict[Duty, str]
    covers: tuple[Cover, ...] = ()


def shift_at(rota: Rota, instant: datetime) -> Shift | None:
    """The shift that contains the instant; None before the first handoff."""
    number = (instant.astimezone(rota.zone).date() - rota.starts).days // _DAYS
    while _handoff(rota, number) > instant:
        number -= 1
    while _handoff(rota, number + 1) <= instant:
        number += 1
    return _shift(rota, number) if number >= 0 else None


def shifts_from(rota: Rota, instant: datetime, weeks: int) -> Iterator[Shift]:
    """``weeks`` shifts: that of the instant and those after it, or the first ones where it is before them."""
    first = shift_at(rota, instant)
    begin = first.number if first is not None else 0
    return (_shift(rota, number) for number in range(begin, begin + weeks))


def on_duty(rota: Rota, instant: datetime) -> dict[Duty, str]:
    """The person on each duty at the instant; empty before the first handoff. The last override wins."""
    shift = shift_at(rota, instant)
    if shift is None:
        return {}
    return shift.people | {
        cover.duty: cover.person for cover in shift.covers if cover.begins <= instant < cover.ends
    }


def _shift(rota: Rota, number: int) -> Shift:
    begins, ends = _handoff(rota, number), _handoff(rota, number + 1)
    return Shift(
        number=number,
        begins=begins,
        ends=ends,
        people={duty: names[number % len(names)] for duty, names in rota.rotations.items()},
        covers=tuple(cover for cover in rota.covers if cover.begins < ends and cover.ends > begins),
    )


def _handoff(rota: Rota, number: int) -> datetime:
    day = rota.starts + timedelta(days=number * _DAYS)
    return utc_of(datetime.combine(day, rota.handoff.at), rota.zone)
