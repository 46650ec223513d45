"""Starting dockerd, with a small program in its place."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chaos.engine import EngineAddress
from chaos.errors import EnvironmentProblem
from chaos.setup import engine as engine_module
from chaos.setup.commands import ProgramResult
from chaos.setup.engine import start_engine
from tests.unit.setup.fakes import ENGINE, INFO, NO_ENGINE, FakePrograms, Said


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a fake dockerd first on the path, and pid files of its own."""
    pid_files = ((tmp_path / "docker.pid", "dockerd"), (tmp_path / "containerd.pid", "containerd"))
    monkeypatch.setattr(engine_module, "PID_FILES", pid_files)
    monkeypatch.setattr(engine_module, "SYSTEMD", tmp_path / "no-systemd")
    monkeypatch.setattr(engine_module, "POLL", 0.001)
    monkeypatch.setattr(engine_module, "CONTROL_GROUPS", tmp_path / "cgroup")
    (tmp_path / "cgroup/cpu/docker").mkdir(parents=True)
    (tmp_path / "cgroup/cpu/docker/cpu.shares").write_text("1024\n")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path


def dockerd(folder: Path, script: str) -> None:
    program = folder / "dockerd"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def answers_once_started(marker: Path) -> FakePrograms:
    def info(argv: list[str]) -> ProgramResult:
        return INFO if marker.exists() else NO_ENGINE

    return FakePrograms({"docker info": info})


def test_it_is_started_in_a_session_of_its_own_and_waited_for(place: Path) -> None:
    started = place / "started"
    dockerd(place, f"ps -o sid= -p $$ > {place}/sid; echo $$ > {place}/pid; touch {started}")
    assert start_engine(answers_once_started(started), Said(), EngineAddress(), place / "log") == ENGINE
    assert (place / "sid").read_text().strip() == (place / "pid").read_text().strip()


def test_containers_get_the_weight_of_several_processes(place: Path) -> None:
    dockerd(place, f"touch {place}/started")
    start_engine(answers_once_started(place / "started"), Said(), EngineAddress(), place / "log")
    assert (place / "cgroup/cpu/docker/cpu.shares").read_text() == "4096"


def test_an_engine_whose_containers_cannot_be_given_weight_works_and_says_so(place: Path) -> None:
    (place / "cgroup/cpu/docker/cpu.shares").unlink()
    dockerd(place, f"touch {place}/started")
    said = Said()
    assert (
        start_engine(answers_once_started(place / "started"), said, EngineAddress(), place / "log") == ENGINE
    )
    assert "stacks side by side" in said.text


def test_a_stale_pid_file_is_removed_first_and_said(place: Path) -> None:
    # This process is alive, and it isn't dockerd: the number was given away again after a reboot.
    (place / "docker.pid").write_text(str(os.getpid()))
    dockerd(place, f"test ! -e {place}/docker.pid && touch {place}/started")
    said = Said()
    assert (
        start_engine(answers_once_started(place / "started"), said, EngineAddress(), place / "log") == ENGINE
    )
    assert "docker.pid" in said.text


def test_an_engine_that_ends_at_once_is_reported_with_its_last_words(place: Path) -> None:
    dockerd(place, "echo 'failed to mount cgroup' >&2; exit 1")
    with pytest.raises(EnvironmentProblem, match="failed to mount cgroup") as problem:
        start_engine(FakePrograms({"docker info": NO_ENGINE}), Said(), EngineAddress(), place / "log")
    assert problem.value.exit_code == 3


def test_an_engine_that_never_answers_is_given_up(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "START_DEADLINE", 0.05)
    dockerd(place, "exec sleep 1")
    with pytest.raises(EnvironmentProblem, match="no answer from dockerd"):
        start_engine(FakePrograms({"docker info": NO_ENGINE}), Said(), EngineAddress(), place / "log")
