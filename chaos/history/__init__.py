"""Keeps every judged run in one SQLite file. Computes changes, trends, regressions and stale procedures."""

from chaos.history.compare import Comparison, compare
from chaos.history.database import FILE_NAME, HistoryDamaged, open_history
from chaos.history.earlier_names import read_verdict
from chaos.history.extract import run_row
from chaos.history.freshness import freshness_of
from chaos.history.gate import GateResult, baseline, comparable, gate
from chaos.history.rows import CheckRow, MeasureRow, ProcedureRow, RunRow
from chaos.history.store import History
from chaos.history.trend import recovery_of, sparkline

__all__ = [
    "FILE_NAME",
    "CheckRow",
    "Comparison",
    "GateResult",
    "History",
    "HistoryDamaged",
    "MeasureRow",
    "ProcedureRow",
    "RunRow",
    "baseline",
    "comparable",
    "compare",
    "freshness_of",
    "gate",
    "open_history",
    "read_verdict",
    "recovery_of",
    "run_row",
    "sparkline",
]
