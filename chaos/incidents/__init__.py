"""Finds incidents in the alert samples of a Prometheus and keeps them in one SQLite file."""

from chaos.incidents.database import FILE_NAME, IncidentsDamaged, open_incidents
from chaos.incidents.detector import Watch, WatchStep, advance
from chaos.incidents.from_run import incidents_of_run
from chaos.incidents.metrics import IncidentMetrics, IncidentReport, metrics_of, report_of
from chaos.incidents.store import Incidents

__all__ = [
    "FILE_NAME",
    "IncidentMetrics",
    "IncidentReport",
    "Incidents",
    "IncidentsDamaged",
    "Watch",
    "WatchStep",
    "advance",
    "incidents_of_run",
    "metrics_of",
    "open_incidents",
    "report_of",
]
