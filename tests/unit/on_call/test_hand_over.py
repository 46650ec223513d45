"""The notes of a handoff say what happened, and never that nothing did where that is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from chaos.model.incidents import Incident, IncidentSeverity
from chaos.on_call import hand_over_notes, read_instant, shift_at
from tests.unit.on_call.test_shifts import rota

TEAM = rota()
WEEK = shift_at(TEAM, read_instant("2026-01-13 09:00", TEAM.zone))


def incident(number: str, days: float, lasted: float | None = 0.1, drill: str = "") -> Incident:
    assert WEEK is not None
    fired = (WEEK.begins + timedelta(days=days)).timestamp()
    return Incident(
        number=number,
        source="test",
        alert="PmsDown",
        labels={},
        severity=IncidentSeverity.SEV2,
        fired=fired,
        noticed=fired,
        last_active=fired,
        resolved=None if lasted is None else fired + lasted * 86400,
        drill=drill,
    )


def notes(incidents: Sequence[Incident] | None) -> str:
    assert WEEK is not None
    return hand_over_notes(TEAM, WEEK, incidents)


def test_the_people_of_both_weeks_are_named() -> None:
    assert "| primary | b | c |" in notes(())
    assert "| commander | e | d |" in notes(())


def test_incidents_of_the_week_are_listed_and_open_ones_come_first() -> None:
    text = notes(
        [
            incident("BEFORE", -2),
            incident("LASTED-INTO", -1, lasted=2),
            incident("OPEN", 3, lasted=None),
            incident("AFTER", 8),
            incident("EXERCISE", 1, drill="a-run"),
        ]
    )
    listed = [line.split()[1] for line in text.splitlines() if line.startswith("- ")]
    assert listed == ["OPEN", "LASTED-INTO", "1"]
    assert "still open" in text
    assert "1 more by drills" in text


def test_no_list_of_incidents_is_not_a_quiet_week() -> None:
    assert "Unknown: the list of incidents does not exist" in notes(None)
    assert "None that `gameday detect` found" in notes(())
