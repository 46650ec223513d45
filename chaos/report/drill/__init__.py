"""The scored report of a drill: several runs, one grade, what was lost and what to do about it."""

from chaos.report.drill.parts import Drill, DrillPart, Earlier, Judged
from chaos.report.drill.stored import StoredDrill, read_drill
from chaos.report.drill.view import DrillView
from chaos.report.drill.write import write_drill

__all__ = [
    "Drill",
    "DrillPart",
    "DrillView",
    "Earlier",
    "Judged",
    "StoredDrill",
    "read_drill",
    "write_drill",
]
