"""Who is on duty: a weekly schedule with time zones and overrides, and the notes of a handoff."""

from chaos.on_call.hand_over import hand_over_notes
from chaos.on_call.instants import read_instant, utc_of
from chaos.on_call.load import read_rota
from chaos.on_call.model import Duty, Override, Rota
from chaos.on_call.shifts import Shift, on_duty, shift_at, shifts_from

__all__ = [
    "Duty",
    "Override",
    "Rota",
    "Shift",
    "hand_over_notes",
    "on_duty",
    "read_instant",
    "read_rota",
    "shift_at",
    "shifts_from",
    "utc_of",
]
