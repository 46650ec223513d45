"""Writes a recording in the formats of other tools. Pure: a recording in, text out.

Each format is one module. ``spans`` computes the phases and faults that several formats show.
"""

from __future__ import annotations

from collections.abc import Callable

from chaos.export.csv_rows import as_csv
from chaos.export.grafana import as_annotations
from chaos.export.openmetrics import as_openmetrics
from chaos.export.perfetto import as_trace
from chaos.timeline.recording import Recording

FORMATS: dict[str, Callable[[Recording], str]] = {
    "csv": as_csv,
    "grafana": as_annotations,
    "openmetrics": as_openmetrics,
    "perfetto": as_trace,
}

__all__ = ["FORMATS"]
