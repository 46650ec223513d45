"""The beginning and the end of a deployment: what is left if gameday is killed, and what waits for it."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any, cast

import pytest

from chaos.adapters import factory
from chaos.adapters.deployment import writer_threads
from chaos.adapters.factory import AdapterFactory
from chaos.adapters.stack.watchdog_process import listen
from chaos.engine import EngineAddress
from chaos.errors import ToolProblem


async def test_the_event_loop_goes_on_while_a_last_command_of_a_writer_ends() -> None:
    went_on, loop = threading.Event(), asyncio.get_running_loop()
    async with writer_threads() as threads:
        last = threads.submit(went_on.wait, 5.0)
        loop.call_soon(went_on.set)
    assert last.done()
    assert last.result(), "the event loop stood still until the command gave up"


class HeardWatchdog:
    """Keeps what the process would hear."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def guard_process(self, pid: int) -> None:
        self.lines.append(f"process {pid} 1\n")

    def guard_run(self, run_id: str) -> None:
        self.lines.append(f"run {run_id}\n")

    def guard_folder(self, folder: Path) -> None:
        self.lines.append(f"folder {folder}\n")

    def forget_folder(self, folder: Path) -> None:
        self.lines.append(f"removed {folder}\n")


async def test_files_with_secrets_are_in_a_folder_that_the_watchdog_removes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watchdog, places = HeardWatchdog(), list[Path]()

    class Runtime:
        def __init__(self, *_: object, private: Path, **__: object) -> None:
            places.append(private)

        async def prepare(self) -> None:
            (private,) = places
            assert private.is_dir()
            assert not private.is_relative_to(tmp_path / "run")
            assert listen(watchdog.lines).folders == [private]
            raise ToolProblem("this is far enough")

    monkeypatch.setattr(factory, "StackRuntime", Runtime)
    deployed = AdapterFactory(EngineAddress()).deploy(
        cast(Any, None), tmp_path / "run", "abc123", cast(Any, watchdog)
    )
    with pytest.raises(ToolProblem, match="far enough"):
        await deployed.__aenter__()
    assert not places[0].exists()
