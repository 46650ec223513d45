"""A Compose call ends at its deadline, at our cancellation, and takes its children with it. A stand-in plays
docker.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from tenacity import AsyncRetrying, retry_if_result, stop_after_delay, wait_fixed

from chaos.adapters.stack.compose_cli import ComposeFiles, compose
from chaos.adapters.stack.owner import process_start
from chaos.engine import EngineAddress, TlsFiles
from chaos.errors import EnvironmentProblem, ToolProblem

NOTHING = ComposeFiles()

# `docker` runs its plugin as a child; the child's id is what must be gone.
SLOW = '#!/bin/sh\nsleep 60 &\necho $! > "$CHILD"\nwait\n'


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where to write the stand-in; it is the only thing on the path beside the shell's own tools."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("CHILD", str(tmp_path / "child"))
    return folder / "docker"


def play(docker: Path, script: str) -> None:
    docker.write_text(script)
    docker.chmod(0o755)


async def until_gone(pid: int) -> None:
    async for attempt in AsyncRetrying(
        retry=retry_if_result(lambda there: there), stop=stop_after_delay(10), wait=wait_fixed(0.02)
    ):
        with attempt:
            there = process_start(pid) is not None
        attempt.retry_state.set_result(there)


async def test_compose_is_given_the_engine_and_no_context(
    docker: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Else the stack starts where a context says, and faults look for it elsewhere."""
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (tmp_path / name).touch()
    monkeypatch.setenv("DOCKER_CONTEXT", "far")
    monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.1:2375")
    play(docker, '#!/bin/sh\necho "$DOCKER_HOST|$DOCKER_CONTEXT|$DOCKER_TLS_VERIFY|$DOCKER_CERT_PATH"\n')
    near = EngineAddress("tcp://127.0.0.1:2376", TlsFiles(tmp_path, client=True, verify=True))
    done = await compose(near, NOTHING, ["ps"], 20)
    assert done.out == f"tcp://127.0.0.1:2376||1|{tmp_path}\n"


async def test_what_is_asked_and_what_is_answered(docker: Path) -> None:
    play(docker, '#!/bin/sh\necho "$@"\necho oops >&2\nexit 3\n')
    started: list[int] = []
    project = ComposeFiles((Path("a.yml"), Path("b.yml")), "gameday-1")
    done = await compose(EngineAddress(), project, ["up", "-d"], 20, started.append)
    assert done.out.split() == (
        [
            "compose",
            "--ansi",
            "never",
            "--progress",
            "plain",
            "-p",
            "gameday-1",
            "-f",
            "a.yml",
            "-f",
            "b.yml",
            "up",
            "-d",
        ]
    )
    assert (done.code, done.err) == (3, "oops\n")
    assert len(started) == 1


async def test_the_users_own_compose_settings_do_not_reach_a_run(
    docker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPOSE_FILE", "other.yml")
    monkeypatch.setenv("COMPOSE_PROJECT_NAME", "other")
    play(docker, '#!/bin/sh\necho "[$COMPOSE_FILE][$COMPOSE_PROJECT_NAME]"\n')
    assert (await compose(EngineAddress(), NOTHING, ["ps"], 20)).out == "[][]\n"


async def test_at_the_deadline_all_of_it_is_killed(docker: Path, tmp_path: Path) -> None:
    play(docker, SLOW)
    done = await compose(EngineAddress(), NOTHING, ["up"], 0.5)
    assert done.code is None
    await until_gone(int((tmp_path / "child").read_text()))


async def test_at_our_cancellation_all_of_it_is_killed(docker: Path, tmp_path: Path) -> None:
    play(docker, SLOW)
    started: list[int] = []
    task = asyncio.create_task(compose(EngineAddress(), NOTHING, ["up"], 60, started.append))
    async for attempt in AsyncRetrying(stop=stop_after_delay(10), wait=wait_fixed(0.02)):
        with attempt:
            child = int((tmp_path / "child").read_text())
            assert started
    assert os.getsid(child) == started[0], "a session of its own: a Ctrl-C of the terminal does not reach it"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until_gone(child)
    await until_gone(started[0])


async def test_without_docker_the_machine_is_not_ready(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentProblem, match="cannot run docker"):
        await compose(EngineAddress(), NOTHING, ["up"], 20)


async def test_without_a_guard_nothing_stays_running(docker: Path, tmp_path: Path) -> None:
    play(docker, SLOW)
    started: list[int] = []

    def no_guard(pid: int) -> None:
        started.append(pid)
        raise ToolProblem("the watchdog is gone")

    with pytest.raises(ToolProblem):
        await compose(EngineAddress(), NOTHING, ["up"], 60, no_guard)
    await until_gone(started[0])
