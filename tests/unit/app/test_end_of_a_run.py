"""The end of a run: its judgement holds up no run beside it, and an interruption does not prevent it."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from chaos.app import run_service
from chaos.app.command_context import CommandContext
from chaos.app.run_all import RunOptions, run_all
from chaos.app.run_service import RunBackend
from chaos.app.stored_runs import debrief
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.errors import ExitCode
from chaos.runner import Observer, RunPorts
from chaos.timeline.events import Event, RunEnded
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


@pytest.mark.parametrize("last", ["the ports close", "an observer is slow", "the run is judged"])
async def test_an_interruption_after_the_end_keeps_the_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    """It used to be "interrupted before this run did anything", with a folder that was never sealed."""
    harness, reached, cancelled = RunnerHarness(tmp_path, KILL), asyncio.Event(), threading.Event()
    loop, ports = asyncio.get_running_loop(), ports_of(harness)

    def hold_up() -> None:
        loop.call_soon_threadsafe(reached.set)
        assert cancelled.wait(PATIENCE)

    @asynccontextmanager
    async def closing(*given: Any) -> AsyncIterator[RunPorts]:
        async with ports(*given) as opened:
            yield opened
            if last == "the ports close":
                await asyncio.to_thread(hold_up)

    class Slow(Observer):
        def on_event(self, run_id: str, event: Event) -> None:
            if isinstance(event, RunEnded) and last == "an observer is slow":
                hold_up()

    def judging(*given: Any) -> RunOutcome:
        if last == "the run is judged":
            hold_up()
        return debrief.debrief(*given)

    async def press_ctrl_c() -> None:
        await reached.wait()
        running.cancel()
        loop.call_soon(cancelled.set)

    monkeypatch.setattr(run_service, "debrief", judging)
    work = run_toy(toy_in(tmp_path), tmp_path / "reports", closing, observers=[Slow()])
    running = asyncio.ensure_future(work)
    done, _ = await harness.run(asyncio.gather(running, press_ctrl_c()))
    assert done.code is ExitCode.INTERRUPTED
    assert done.judged is not None
    assert done.proof is not None, "sealed, and read again"


async def test_an_interruption_while_a_listener_hears_keeps_the_outcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness, loop, interrupted = RunnerHarness(tmp_path, KILL), asyncio.get_running_loop(), threading.Event()

    class Interrupting(Listener):
        def ended(self, index: int, outcome: RunOutcome) -> None:
            loop.call_soon_threadsafe(running.cancel)
            loop.call_soon_threadsafe(interrupted.set)
            assert interrupted.wait(PATIENCE)

    monkeypatch.setattr(RunBackend, "on", lambda _: backend(ports_of(harness)))
    options, context = RunOptions(1), context_in(tmp_path)
    work = run_all([toy_in(tmp_path)], tmp_path / "reports", options, context, Interrupting())
    running = asyncio.ensure_future(work)
    (done,) = await harness.run(running)
    assert (done.code, done.judged is None) == (ExitCode.INTERRUPTED, False)
