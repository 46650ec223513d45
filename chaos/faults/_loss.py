"""What the faults share that destroy what no undo brings back: only an operator's procedure answers them."""

from __future__ import annotations

from typing import ClassVar

from chaos.kinds import Fault
from chaos.ports import FaultContext


class LossFault(Fault):
    """Data is destroyed for good. gameday has no undo; the scenario names the procedure that answers."""

    fault: str
    undoable: ClassVar[bool] = False

    async def revert(self, context: FaultContext) -> None:
        """Nothing: what is lost is lost, and the teardown removes the rest."""
