"""The watchdog of a project that gameday did not start: it undoes faults, and removes nothing.

``python -m chaos.app.stacks.attached_watchdog FOLDER``; see ``chaos.adapters.stack.watchdog_process``.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_fixed

from chaos.adapters.stack.watchdog_process import PATIENCE_SECONDS, main
from chaos.errors import GamedayError, ToolProblem

if TYPE_CHECKING:
    from chaos.app.stacks.attached import AttachedFacts, GivenFault
    from chaos.kinds import Fault
    from chaos.ports import FaultContext


def undo_faults(announced: Mapping[str, str]) -> list[str]:
    """Undo the faults in place in the project, the latest first. Returns what could not be undone."""
    from chaos.app.stacks.attached import (  # heavy: only when it acts
        FAULT,
        PROJECT,
        AttachedFacts,
        GivenFault,
    )

    faults = [
        GivenFault.model_validate_json(text) for key, text in announced.items() if key.startswith(FAULT)
    ]
    if not faults:
        return []
    facts = AttachedFacts.model_validate_json(announced[PROJECT])
    try:
        asyncio.run(_undo(facts, faults))
    except GamedayError as error:
        return [str(error)]
    return []


async def _undo(facts: AttachedFacts, faults: list[GivenFault]) -> None:
    """Raises ``ToolProblem`` with the faults that remain. It retries an engine that does not answer for
    ``PATIENCE_SECONDS``.
    """
    from chaos.adapters.attached import attached_project
    from chaos.adapters.engine_connection import connect
    from chaos.app.stacks.attached import attached_context
    from chaos.app.stacks.warm import fault_of
    from chaos.engine import resolve_engine
    from chaos.timing import SystemClock

    standing = [fault_of(one.kind, one.params, facts.stack) for one in faults]
    patient = AsyncRetrying(
        retry=retry_if_exception_type(GamedayError),
        stop=stop_after_delay(PATIENCE_SECONDS),
        wait=wait_fixed(0.5),
        reraise=True,
    )
    async for attempt in patient:
        with attempt:
            client = connect(resolve_engine(os.environ), timeout=10)  # the parent process set and checked it
            attached = attached_project(facts.project, facts.stack, client, facts.networks)
            await undo_once(attached_context(attached, SystemClock()), standing)


async def undo_once(context: FaultContext, standing: list[Fault]) -> None:
    """Raises ``ToolProblem`` with what could not be undone."""
    from chaos.runner.undo import UndoList

    undo = UndoList(context, lambda event: None)
    for index, fault in enumerate(standing):
        undo.register(index, fault)
    await undo.revert_all()
    if undo.failed:
        raise ToolProblem("; ".join(undo.failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], undo_faults))
