"""The end of a run: judging and drawing it holds up no run beside it."""

from __future__ import annotations

import asyncio
import io
import threading
from pathlib import Path
from typing import Any

import pytest

from chaos.app import run_service
from chaos.app.command_context import CommandContext
from chaos.app.run_service import RunBackend
from chaos.app.runs import RunOptions, run_all
from chaos.app.stored_runs import debrief
from chaos.app.stored_runs.debrief import RunOutcome
from tests.runner_harness import RunnerHarness
from tests.service import KILL, backend, ports_of, run_toy, toy_in

PATIENCE = 5.0  # real seconds, which only a broken gameday needs


def context_in(folder: Path) -> CommandContext:
    env = {"DOCKER_HOST": f"unix://{folder}/no.sock"}
    return CommandContext(out=io.StringIO(), err=io.StringIO(), env=env, cwd=folder)


async def test_the_event_loop_goes_on_while_a_run_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run beside would record that the machine was too busy."""
    harness, went_on = RunnerHarness(tmp_path, KILL), threading.Event()
    loop = asyncio.get_running_loop()

    def judging(*given: Any) -> RunOutcome:
        loop.call_soon_threadsafe(went_on.set)
        assert went_on.wait(PATIENCE), "the event loop stood still"
        return debrief.debrief(*given)

    monkeypatch.setattr(run_service, "debrief", judging)
    done = await harness.run(run_toy(toy_in(tmp_path), tmp_path / "reports", ports_of(harness)))
    assert done.judged is not None


class Listener:
    """Hears of an end, and whether the event loop went on meanwhile."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.went_on: list[bool] = []

    def began(self) -> None:
        return None

    def ended(self, index: int, outcome: RunOutcome) -> None:
        went_on = threading.Event()
        self.loop.call_soon_threadsafe(went_on.set)
        self.went_on.append(went_on.wait(PATIENCE))


async def test_the_event_loop_goes_on_while_a_listener_hears_of_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness, listener = RunnerHarness(tmp_path, KILL), Listener()
    monkeypatch.setattr(RunBackend, "on", lambda _: backend(ports_of(harness)))
    options, context = RunOptions(1), context_in(tmp_path)
    await harness.run(run_all([toy_in(tmp_path)], tmp_path / "reports", options, context, listener))
    assert listener.went_on == [True]
