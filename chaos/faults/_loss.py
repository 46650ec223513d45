"""The base of faults that destroy data: gameday cannot undo them, so a procedure must restore the data."""

from __future__ import annotations

from typing import ClassVar

from chaos.kinds import Fault
from chaos.ports import FaultContext


class LossFault(Fault):
    """A fault that destroys data. gameday has no undo; the scenario names a procedure with ``answer:``."""

    fault: str
    undoable: ClassVar[bool] = False

    async def revert(self, context: FaultContext) -> None:
        """Does nothing: the data is lost, and the teardown removes the rest."""
