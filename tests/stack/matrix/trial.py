"""One scenario of the matrix: run, and every cell beside the truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chaos.model.verdict import Outcome, Verdict
from chaos.timeline.events import FaultInjected, FaultReverted
from chaos.timeline.recording import Recording
from tests.stack.harness import Ended, Harness
from tests.stack.matrix.cells import Cell, cells_of, scenario_of
from tests.stack.matrix.truth import Seen, Witness, right_outcome

RUN_LIMIT = 240.0  # seconds
INDEX = {"short": 0, "long": 1}


@dataclass(frozen=True)
class TrialVerdict:
    cell: Cell
    right: Outcome
    given: Outcome
    actual: str

    @property
    def wrong(self) -> bool:
        """Judged otherwise than is right; a limit in real time on a saturated machine is rightly unknown."""
        saturated = self.given is Outcome.INCONCLUSIVE and "machine was saturated" in self.actual
        return self.given is not self.right and not saturated


def run_matrix(fault: str, folder: Path) -> tuple[TrialVerdict, ...]:
    """Run the scenario of one kind of fault below ``folder``, with the client beside it."""
    file = folder / f"matrix-{fault}.yaml"
    file.write_text(scenario_of(fault))
    with Witness() as witness:
        ended = Harness(folder / f"reports-{fault}", str(file), "--pace", "1").end(RUN_LIMIT)
        seen = witness.seen()
    return _compared(fault, ended, seen)


def _compared(fault: str, ended: Ended, seen: tuple[Seen, ...]) -> tuple[TrialVerdict, ...]:
    name = f"matrix-{fault}"
    assert ended.folders, ended.output
    verdict, recording = ended.verdict(name), ended.recording(name)
    return tuple(_judged(cell, verdict, recording, seen) for cell in cells_of(fault))


def _judged(cell: Cell, verdict: Verdict, recording: Recording, seen: tuple[Seen, ...]) -> TrialVerdict:
    index = INDEX[cell.length]
    injected = next(one.mono for one in recording.of(FaultInjected) if one.index == index)
    undo = next(one for one in recording.of(FaultReverted) if one.index == index)
    assert undo.took is not None
    right = right_outcome(cell, seen, injected, undo.mono - undo.took)
    (result,) = (one for one in verdict.checks if one.subject.name == cell.subject)
    return TrialVerdict(cell, right, result.outcome, result.actual)
