"""A stack beside any run: the watchdog knows of its temporary folder as long as there is one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from chaos.adapters.stack.sweep import LabelledResources
from chaos.adapters.stack.watchdog_process import listen
from chaos.app.stacks.scratch_stack import ScratchStacks


class HeardWatchdog:
    """Keeps what the process would hear."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def guard_folder(self, folder: Path) -> None:
        self.lines.append(f"folder {folder}\n")

    def forget_folder(self, folder: Path) -> None:
        self.lines.append(f"removed {folder}\n")

    def forget_run(self, run_id: str) -> None:
        self.lines.append(f"forget {run_id}\n")


class EmptyStack:
    async def down(self) -> LabelledResources:
        return LabelledResources()

    async def discard_offsite(self) -> str:
        return ""


class EmptyFactory:
    """Deploys nothing, into the folder that it is given."""

    stack = EmptyStack()

    @asynccontextmanager
    async def deploy(self, plan: object, folder: Path, run_id: str, watchdog: object) -> AsyncIterator[Any]:
        yield self


async def test_a_kill_at_any_instant_leaves_no_folder_of_generated_files() -> None:
    watchdog = HeardWatchdog()
    stacks = ScratchStacks(cast(Any, EmptyFactory()), cast(Any, watchdog))
    async with stacks.deployed(cast(Any, None), "warm") as scratch:
        assert listen(watchdog.lines).folders == [scratch.folder]
        assert scratch.folder.is_dir()
    assert listen(watchdog.lines).folders == []
    assert not scratch.folder.exists()
