"""Undoing a fault in a contract test, with the patience that the contract of a fault asks for (ADR 32)."""

from __future__ import annotations

import asyncio
import time

from chaos.errors import GamedayError
from chaos.kinds import Fault
from chaos.ports import FaultContext
from chaos.runner.undo import READ_BACK_EVERY, REVERT_DEADLINE, UndoList


async def undo(fault: Fault, context: FaultContext) -> None:
    """Undo it and read that back, as a run does. Fails unless both succeed before the deadline of an undo."""
    undos = UndoList(context, lambda event: None)
    undos.register(0, fault)
    await undos.revert(0)
    assert not undos.failed, undos.failed


async def read_back(fault: Fault, context: FaultContext) -> bool:
    """What the stack says about the fault. A refused read-back is asked again, an answer is not: the fault is
    known to be in place, or known to be undone.
    """
    deadline = time.monotonic() + REVERT_DEADLINE
    while True:
        try:
            return await fault.reverted(context)
        except GamedayError:
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(READ_BACK_EVERY)
