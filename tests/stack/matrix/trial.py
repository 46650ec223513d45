"""One scenario of the matrix: run, and every cell beside the truth."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from chaos.model.verdict import Outcome, Verdict
from chaos.timeline.events import FaultInjected, FaultReverted
from chaos.timeline.recording import Recording
from tests.stack.harness import Ended, Harness
from tests.stack.judged import good
from tests.stack.matrix.cells import Cell, cells_of, scenario_of
from tests.stack.matrix.truth import Seen, Witness, right_outcome

RUN_LIMIT = 240.0  # seconds
# As chaos.checks.kit.slowness says it, where the machine is the reason.
_MACHINE = re.compile(r"this machine (was saturated|stood still|had just stood still|was busy)")
INDEX = {"short": 0, "long": 1}


class NothingInjected(Exception):
    """The machine was too slow for the steady state, so the run shows nothing of any cell."""


class Standing(StrEnum):
    """How a cell was judged, beside the truth."""

    RIGHT = "right"
    WRONG = "wrong"
    UNKNOWN = "unknown"  # the judge found the machine saturated and said so; nothing was judged


class TrialVerdict(BaseModel):
    """One cell. ``again``: it comes from the second run, because the machine was saturated in the first."""

    model_config = ConfigDict(frozen=True)

    cell: Cell
    right: Outcome
    given: Outcome
    actual: str
    again: bool = False

    @property
    def standing(self) -> Standing:
        if self.given is self.right:
            return Standing.RIGHT
        slow = self.given is Outcome.INCONCLUSIVE and _MACHINE.search(self.actual)
        return Standing.UNKNOWN if slow else Standing.WRONG


def run_matrix(fault: str, folder: Path) -> tuple[TrialVerdict, ...]:
    """Run the scenario of one kind of fault below ``folder``, with the client beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"matrix-{fault}.yaml"
    file.write_text(scenario_of(fault))
    with Witness() as witness:
        ended = Harness(folder / f"reports-{fault}", str(file), "--pace", "1").end(RUN_LIMIT)
        seen = witness.seen()
    return _compared(fault, ended, seen)


def judged_cells(
    fault: str, folder: Path, run: Callable[[str, Path], Sequence[TrialVerdict]] = run_matrix
) -> tuple[TrialVerdict, ...]:
    """Every cell of one kind of fault. Where the machine was saturated, the scenario runs once more.

    Only cells that stayed unknown take the result of the second run. One that was judged wrong stays wrong.
    Raises ``NothingInjected`` if the second run shows nothing either.
    """
    try:
        first = run(fault, folder / "first")
    except NothingInjected:
        return tuple(one.model_copy(update={"again": True}) for one in run(fault, folder / "second"))
    if all(one.standing is not Standing.UNKNOWN for one in first):
        return tuple(first)
    second = {one.cell: one.model_copy(update={"again": True}) for one in run(fault, folder / "second")}
    return tuple(second[one.cell] if one.standing is Standing.UNKNOWN else one for one in first)


def _compared(fault: str, ended: Ended, seen: tuple[Seen, ...]) -> tuple[TrialVerdict, ...]:
    name = f"matrix-{fault}"
    assert ended.folders, ended.output
    verdict, recording = ended.verdict(name), ended.recording(name)
    if next(recording.of(FaultInjected), None) is None and not good(verdict, recording, ended.output):
        raise NothingInjected(verdict.reason)
    return tuple(_judged(cell, verdict, recording, seen) for cell in cells_of(fault))


def _judged(cell: Cell, verdict: Verdict, recording: Recording, seen: tuple[Seen, ...]) -> TrialVerdict:
    index = INDEX[cell.length]
    injected = next(one.mono for one in recording.of(FaultInjected) if one.index == index)
    undo = next(one for one in recording.of(FaultReverted) if one.index == index)
    assert undo.took is not None
    right = right_outcome(cell, seen, injected, undo.mono - undo.took)
    (result,) = (one for one in verdict.checks if one.subject.name == cell.subject)
    return TrialVerdict(cell=cell, right=right, given=result.outcome, actual=result.actual)
