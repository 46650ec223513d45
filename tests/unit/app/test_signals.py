"""A signal before a run began: exit 130 and one line, never a traceback; an engine that hangs is reported."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.adapters import engine_connection, factory
from chaos.app.command_context import CommandContext
from chaos.app.signals import run_until_signal
from chaos.cli import main
from chaos.engine import EngineAddress
from chaos.errors import EnvironmentProblem, ExitCode, Interrupted

COUNTER = Path(__file__).parents[3] / "examples" / "counter" / "scenarios" / "redis-down.yaml"
PATIENCE = 30.0  # seconds; only a hang takes so long


@pytest.fixture
def hung(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The socket of an engine that takes calls and never answers."""
    path = str(tmp_path / "engine.sock")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        listener.settimeout(PATIENCE)
        yield listener


@pytest.mark.thorough
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_engine_hangs_is_130(
    tmp_path: Path, hung: socket.socket, number: signal.Signals
) -> None:
    words = [sys.executable, "-m", "chaos.cli", "run", str(COUNTER), "--reports", str(tmp_path / "reports")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        call, _ = hung.accept()
        process.send_signal(number)
        assert process.stderr is not None
        first = process.stderr.readline()
        call.close()
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == ExitCode.INTERRUPTED, out + first + err
    assert "interrupted" in first
    assert "Traceback" not in err
    assert not (tmp_path / "reports").exists()


def test_an_engine_that_hangs_is_a_clear_error(
    tmp_path: Path, hung: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    def connect(address: EngineAddress, timeout: float = 60.0) -> object:
        waits.append(timeout)
        return engine_connection.connect(address, 0.05)

    monkeypatch.setattr(factory, "connect", connect)
    err = io.StringIO()
    context = CommandContext(out=io.StringIO(), err=err, env=dict(os.environ), cwd=tmp_path)
    assert main(["run", str(COUNTER)], context) == ExitCode.HARNESS
    assert "no Docker engine answers" in err.getvalue()
    assert "fix:" in err.getvalue()
    assert waits == [factory.ENGINE_SECONDS]
    assert factory.ENGINE_SECONDS <= 5
    assert not (tmp_path / "reports").exists()


def test_the_first_signal_cancels_and_the_second_asks_for_patience() -> None:
    undone: list[str] = []

    class Ears(io.StringIO):
        def write(self, text: str) -> int:
            if "still undoing" in text:
                heard.set()
            return super().write(text)

    async def work() -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.get_running_loop().create_future()
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            async with asyncio.timeout(PATIENCE):
                await heard.wait()
            undone.append("all")

    heard, err = asyncio.Event(), Ears()
    with pytest.raises(Interrupted):
        run_until_signal(work(), CommandContext(out=io.StringIO(), err=err))
    assert undone == ["all"]
    assert err.getvalue().count("interrupted, undoing everything") == 1


def test_work_that_was_undone_in_order_hands_its_result_back() -> None:
    async def work() -> str:
        os.kill(os.getpid(), signal.SIGINT)
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            return "undone"
        raise AssertionError("a future that is never set")

    assert run_until_signal(work(), CommandContext(out=io.StringIO(), err=io.StringIO())) == "undone"


def test_a_cancellation_that_no_signal_caused_is_not_called_one() -> None:
    async def work() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        run_until_signal(work(), CommandContext(out=io.StringIO(), err=io.StringIO()))


def test_other_errors_go_their_way() -> None:
    async def work() -> None:
        raise EnvironmentProblem("no engine")

    with pytest.raises(EnvironmentProblem):
        run_until_signal(work(), CommandContext(out=io.StringIO(), err=io.StringIO()))
