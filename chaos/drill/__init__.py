"""The scored report of a drill: several runs, one grade, what was lost and what to do about it."""

from chaos.drill.parts import Drill, DrillPart, EarlierDrills, JudgedPart, Scope
from chaos.drill.stored import StoredDrill, StoredRun, read_drill
from chaos.drill.view import DrillView, score_of
from chaos.drill.write import write_drill, write_progress

__all__ = [
    "Drill",
    "DrillPart",
    "DrillView",
    "EarlierDrills",
    "JudgedPart",
    "Scope",
    "StoredDrill",
    "StoredRun",
    "read_drill",
    "score_of",
    "write_drill",
    "write_progress",
]
