"""The instant that ``--at`` names."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from chaos.app.command_context import CommandContext
from chaos.errors import BadInput, Problem
from chaos.on_call.instants import read_instant


def instant_at(text: str | None, zone: ZoneInfo, context: CommandContext) -> datetime:
    """In UTC; now if ``text`` is None. A time without an offset is a local time in ``zone``.

    Raises ``BadInput``.
    """
    if text is None:
        return datetime.fromtimestamp(context.clock.wall(), UTC)
    try:
        return read_instant(text, zone)
    except ValueError as error:
        raise BadInput([Problem.about("--at", str(error))]) from None
