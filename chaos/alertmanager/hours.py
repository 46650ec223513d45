"""Time intervals of Alertmanager: hours of the day, days of the week and of the month, months, years.

https://prometheus.io/docs/alerting/latest/configuration/#time_interval
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from chaos import digits
from chaos.model.base import Frozen

_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS = tuple(name.lower() for name in calendar.month_name)  # the first is empty, so January is 1


class NumberRange(Frozen):
    """From ``first`` to ``last``, both included (except in ``Hours.minutes``)."""

    first: int
    last: int


class Hours(Frozen):
    """One range of time. An empty part does not restrict it.

    ``minutes``: of the day, without the last. ``days``: of the month; negative ones count from its end.
    """

    zone: str = "UTC"
    minutes: tuple[NumberRange, ...] = ()
    weekdays: tuple[NumberRange, ...] = ()  # 0 is Sunday
    days: tuple[NumberRange, ...] = ()
    months: tuple[NumberRange, ...] = ()
    years: tuple[NumberRange, ...] = ()

    def hold(self, instant: datetime) -> bool:
        """Is ``instant`` (with a time zone) within the range?"""
        here = instant.astimezone(ZoneInfo(self.zone))
        minute = here.hour * 60 + here.minute
        if self.minutes and not any(span.first <= minute < span.last for span in self.minutes):
            return False
        length = calendar.monthrange(here.year, here.month)[1]
        return (
            _within(here.isoweekday() % 7, self.weekdays)
            and _within(here.day, tuple(_from_the_start(span, length) for span in self.days))
            and _within(here.month, self.months)
            and _within(here.year, self.years)
        )


def read_hours(body: Mapping[str, object]) -> Hours:
    """Reads one range. Raises ``ValueError`` for a value of the wrong form, and ``ZoneInfoNotFoundError``
    for an unknown zone. It does not check that days, months and years are in their ranges.
    """
    zone = str(body.get("location") or "UTC")
    ZoneInfo(zone)
    return Hours(
        zone=zone,
        minutes=tuple(_times(body.get("times"))),
        weekdays=tuple(_spans(body.get("weekdays"), _DAYS)),
        days=tuple(_spans(body.get("days_of_month"), ())),
        months=tuple(_spans(body.get("months"), _MONTHS)),
        years=tuple(_spans(body.get("years"), ())),
    )


def _within(value: int, spans: Sequence[NumberRange]) -> bool:
    return not spans or any(span.first <= value <= span.last for span in spans)


def _from_the_start(span: NumberRange, length: int) -> NumberRange:
    first, last = (day + length + 1 if day < 0 else day for day in (span.first, span.last))
    return NumberRange(first=max(1, first), last=min(length, last))


def _times(value: object) -> Iterator[NumberRange]:
    for one in _list(value):
        if not isinstance(one, Mapping):
            raise ValueError("times: expected start_time and end_time")
        first, last = _minute(one.get("start_time")), _minute(one.get("end_time"))
        if first >= last:
            raise ValueError("times: start_time must be before end_time")
        yield NumberRange(first=first, last=last)


def _minute(value: object) -> int:
    hour, colon, minute = str(value).partition(":")
    hours, minutes = digits.whole(hour, 99), digits.whole(minute, 99)
    if not colon or hours is None or minutes is None or len(minute) != 2:
        raise ValueError(f"expected a time of the day such as '09:00', got {str(value)[:40]!r}")
    total = hours * 60 + minutes
    if total > 24 * 60 or minutes > 59:
        raise ValueError(f"expected a time of the day up to '24:00', got {value!r}")
    return total


def _spans(value: object, names: Sequence[str]) -> Iterator[NumberRange]:
    """Reads ``monday:friday``, ``-3:-1``, ``december`` or ``2026``."""
    for one in _list(value):
        first, colon, last = str(one).strip().lower().partition(":")
        begin = _number(first, names)
        yield NumberRange(first=begin, last=_number(last, names) if colon else begin)


def _number(word: str, names: Sequence[str]) -> int:
    if word and word in names:
        return list(names).index(word)
    try:
        return int(word)
    except ValueError as error:
        raise ValueError(f"expected a day, a month or a number, got {word!r}") from error


def _list(value: object) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"expected a list, got {value!r}")
    return value
