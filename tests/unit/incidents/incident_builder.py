"""Builds incidents for tests: by default open and severe, of the alert ``down``."""

from __future__ import annotations

from chaos.model.incidents import Incident, IncidentSeverity


def an_incident(fired: float = 1_795_000_000.0, **fields: object) -> Incident:
    """An incident. ``fields`` replace the defaults."""
    plain = {
        "source": "run a1",
        "alert": "down",
        "labels": {"alertname": "down"},
        "severity": IncidentSeverity.SEV1,
        "fired": fired,
        "noticed": fired,
        "last_active": fired,
    }
    return Incident.model_validate(plain | fields)
