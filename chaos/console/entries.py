"""The actions that people may enter, and the fields of each action that a person sets."""

from __future__ import annotations

from collections.abc import Mapping

from chaos.gameday import people_events as people
from chaos.gameday.event_base import DayEvent
from chaos.gameday.fold import DayState
from chaos.gameday.model import GameDay

ACTIONS: dict[str, type[DayEvent]] = {
    kind.model_fields["event"].default: kind
    for kind in vars(people).values()
    if isinstance(kind, type) and issubclass(kind, DayEvent) and "event" in kind.model_fields
}


class Refused(Exception):
    """An entry of a participant is not possible. The text says why."""


def completed(
    kind: type[DayEvent], fields: Mapping[str, object], slot: int | None, state: DayState, day: GameDay
) -> dict[str, object]:
    """The fields of an entry. Those of a planned inject come from the plan.

    Raises ``Refused`` for a field that a person may not set, and for an unknown inject.
    """
    fields = _with_instant(fields, state) if kind is people.Corrected else fields
    allowed = set(kind.model_fields) - set(DayEvent.model_fields) - {"event"}
    unknown = set(fields) - allowed
    if unknown:
        raise Refused(f"unknown fields: {', '.join(sorted(unknown))}")
    found = dict(fields)
    index = found.get("index")
    if kind is people.InjectPlayed and index not in (None, "") and slot is not None:
        injects = day.scenarios[state.order[slot]].injects
        inject = next((one for number, one in enumerate(injects) if str(number) == str(index)), None)
        if inject is None:
            raise Refused(f"the scenario has {len(injects)} injects")
        found |= {"words": inject.text, "hint": inject.hint is not None, "to": inject.to}
    return found


def _with_instant(fields: Mapping[str, object], state: DayState) -> dict[str, object]:
    """Turns the minutes of a correction, by which its event happened earlier, into the instant."""
    found = dict(fields)
    earlier = found.pop("minutes_earlier", None)
    if earlier is not None:
        at = next((one.event.at for one in state.entries if one.event.id == found.get("target")), None)
        try:
            found["new_at"] = None if at is None else at - 60 * float(str(earlier))
        except ValueError:
            raise Refused("expected a number of minutes") from None
    return found
