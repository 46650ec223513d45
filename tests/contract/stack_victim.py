"""A harness to be killed: ``python -m tests.contract.stack_victim PROJECT RUN_FOLDER RUN_ID``.

Tells on its output how far it is: ``guarded``, ``up``, ``down``.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from chaos.adapters.stack.runtime import StackRuntime
from chaos.adapters.stack.watchdog import Watchdog
from tests.contract.small_stack import small_plan
from tests.engines import here


async def live(project: Path, folder: Path, run_id: str) -> None:
    watchdog = Watchdog.start(folder, here())
    runtime = StackRuntime(
        small_plan(project),
        folder,
        run_id,
        here(),
        private=folder / "private",
        on_process=watchdog.guard_process,
    )
    watchdog.guard_run(run_id)
    await runtime.prepare()
    print("guarded", flush=True)
    await runtime.up(60)
    print("up", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    print("down", flush=True)
    await runtime.down()
    watchdog.done()
    print("clean", flush=True)


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
