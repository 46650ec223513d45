"""Instants that people write: a local time in a zone, or a time with its own offset from UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 2000, 2199  # calendar arithmetic on these years cannot overflow
_EXAMPLE = "2026-03-02 09:00, 2026-03-02T09:00+01:00 or 2026-03-02T08:00Z"


def read_instant(text: str, zone: ZoneInfo) -> datetime:
    """The instant, in UTC. A time without an offset is a local time in ``zone``.

    Raises ``ValueError`` for a local time that the change to summer time skips, and for one that occurs twice
    when it ends: only an offset distinguishes the two.
    """
    try:
        written = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"expected an instant such as {_EXAMPLE}, got {text[:40]!r}") from None
    if not FIRST_YEAR <= written.year <= LAST_YEAR:
        raise ValueError(f"expected a year from {FIRST_YEAR} to {LAST_YEAR}, got {written.year}")
    if written.tzinfo is not None:
        return written.astimezone(UTC)
    first, second = (written.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return first
    if first.astimezone(zone).replace(tzinfo=None) == written:
        raise ValueError(f"{text} occurs twice in {zone.key} (write its offset from UTC, such as +01:00)")
    raise ValueError(f"{text} does not exist in {zone.key}: the clocks skip it")


def utc_of(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant of a handoff, in UTC. A local time that occurs twice is the first of the two; one that
    the clocks skip is as long after the change as it would have been without one.
    """
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)
