"""``on-call``: who is on duty at an instant, the coming weeks, and the notes of a handoff."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from chaos.app.command_context import CommandContext
from chaos.app.instants import instant_at
from chaos.app.stored_runs.stored import kept_incidents
from chaos.columns import columns
from chaos.errors import BadInput, ExitCode, Problem
from chaos.on_call import (
    Duty,
    Rota,
    Shift,
    hand_over_notes,
    on_duty,
    read_rota,
    shift_at,
    shifts_from,
)

_VERSION = 1


def run_on_call(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Print who is on duty. Raises ``BadInput`` for a wrong file or instant, and before the first handoff."""
    rota = read_rota(context.cwd / arguments.schedule, str(arguments.schedule))
    instant = instant_at(arguments.at, rota.zone, context)
    shift = shift_at(rota, instant)
    if shift is None:
        fix = "ask for a later instant, or move starts to an earlier week"
        message = f"no person is on duty before the first handoff, {rota.starts} {rota.handoff.at:%H:%M}"
        raise BadInput([Problem.about(str(arguments.schedule), message, fix)])
    if arguments.hand_over:
        context.say(hand_over_notes(rota, shift, kept_incidents(context.cwd / arguments.reports)))
        return ExitCode.PASS
    shifts = tuple(shifts_from(rota, instant, arguments.weeks))
    if arguments.json:
        context.say(_json(rota, instant, shifts))
        return ExitCode.PASS
    for line in _lines(rota, instant, shifts):
        context.say(line)
    return ExitCode.PASS


def _lines(rota: Rota, instant: datetime, shifts: Sequence[Shift]) -> Iterator[str]:
    yield f"on duty at {_local(instant, rota.zone)} {rota.time_zone} ({instant:%Y-%m-%d %H:%M} UTC):"
    duties = on_duty(rota, instant)
    yield from columns([[str(duty), _person(rota, duties[duty], instant)] for duty in Duty], "  ")
    yield ""
    yield f"handoff every {rota.handoff.words}, {rota.time_zone}:"
    rows = [["from", "until", *(str(duty) for duty in Duty)]]
    rows += [
        [
            *(_local(shift.begins, rota.zone), _local(shift.ends, rota.zone)),
            *(rota.shown(shift.people[duty]) for duty in Duty),
        ]
        for shift in shifts
    ]
    yield from columns(rows, "  ")
    covers = tuple(dict.fromkeys(cover for shift in shifts for cover in shift.covers))
    if covers:
        yield ""
        yield "overrides:"
    for cover in covers:
        span = f"{_local(cover.begins, rota.zone)} until {_local(cover.ends, rota.zone)}"
        why = f" ({cover.reason})" if cover.reason else ""
        yield f"  {span}: {rota.shown(cover.person)} as {cover.duty}{why}"


def _person(rota: Rota, person: str, instant: datetime) -> str:
    """The person, with the local time there if it differs: it shows whom the pager wakes up."""
    own = rota.people[person].time_zone
    local = f" ({instant.astimezone(ZoneInfo(own)):%H:%M} in {own})" if own else ""
    return rota.shown(person) + local


def _local(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%a %Y-%m-%d %H:%M}"


def _json(rota: Rota, instant: datetime, shifts: Sequence[Shift]) -> str:
    document = {
        "schema_version": _VERSION,
        "on_call": rota.name,
        "time_zone": rota.time_zone,
        "at": instant.isoformat(),
        "on_duty": {str(duty): person for duty, person in on_duty(rota, instant).items()},
        "shifts": [shift.model_dump(mode="json", exclude={"number"}) for shift in shifts],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)
