"""Periods of the calendar in UTC. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chaos.programme.model import CalendarPeriod

_MONTHS = {
    CalendarPeriod.MONTH: 1,
    CalendarPeriod.QUARTER: 3,
    CalendarPeriod.HALF_YEAR: 6,
    CalendarPeriod.YEAR: 12,
}
_DAYS = {CalendarPeriod.DAY: 1, CalendarPeriod.WEEK: 7}


def period_of(at: float, every: CalendarPeriod) -> tuple[float, float]:
    """The first instant of the period that ``at`` is in, and the first instant after it."""
    day = datetime.fromtimestamp(at, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if every in _DAYS:
        first = day - timedelta(days=day.weekday() if every is CalendarPeriod.WEEK else 0)
        return first.timestamp(), (first + timedelta(days=_DAYS[every])).timestamp()
    length = _MONTHS[every]
    month = (day.month - 1) // length * length
    first = day.replace(month=month + 1, day=1)
    after = first.replace(year=first.year + (month + length) // 12, month=(month + length) % 12 + 1)
    return first.timestamp(), after.timestamp()


def before(start: float, every: CalendarPeriod) -> tuple[float, float]:
    """The period that ends at ``start``."""
    return period_of(start - 1, every)
