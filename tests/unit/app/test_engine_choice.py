"""A remote engine is refused before anything starts, by whatever setting it is named."""

from __future__ import annotations

import io
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos.app.command_context import CommandContext
from chaos.cli import main
from chaos.errors import ExitCode
from chaos.setup import with_engine
from tests.unit.engine.docker_config import add_context, write_config, write_tls

ROOT = Path(__file__).parents[3]
COUNTER = str(ROOT / "examples" / "counter" / "scenarios" / "redis-down.yaml")
FAR = "tcp://192.0.2.1:2376"  # an address for documentation: no host has it


def by_host(folder: Path) -> dict[str, str]:
    return {"DOCKER_HOST": FAR}


def by_context(folder: Path) -> dict[str, str]:
    add_context(write_config(folder / ".docker"), "prod", FAR)
    return {"DOCKER_CONTEXT": "prod"}


def by_current_context(folder: Path) -> dict[str, str]:
    add_context(write_config(folder / ".docker", current="prod"), "prod", FAR)
    return {}


def by_tls(folder: Path) -> dict[str, str]:
    certs = write_tls(folder / "certs")
    return {"DOCKER_HOST": FAR, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(certs)}


def by_config_folder(folder: Path) -> dict[str, str]:
    add_context(write_config(folder / "elsewhere", current="prod"), "prod", FAR)
    return {"DOCKER_CONFIG": str(folder / "elsewhere")}


WAYS = (by_host, by_context, by_current_context, by_tls, by_config_folder)
COMMANDS = (
    ["run", COUNTER],
    ["drill", COUNTER],
    ["clean"],
    ["clean", "--all"],
    ["doctor"],
    ["doctor", "--fix"],
    ["images", str(ROOT / "examples" / "counter")],
)


@pytest.fixture
def untouched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder in which a call of ``docker``, or of any address, would be seen."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("docker", "apt-get", "dockerd"):
        (programs / name).write_text(f"#!/bin/sh\necho {name} $* >> {tmp_path}/called\nexit 1\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")

    def dial(self: socket.socket, address: object) -> None:
        (tmp_path / "dialled").write_text(str(address))
        raise ConnectionRefusedError(str(address))

    monkeypatch.setattr(socket.socket, "connect", dial)
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: "-".join(words[:2]).replace("/", "_")[:20])
@pytest.mark.parametrize("way", WAYS)
def test_a_remote_engine_is_refused_before_anything_starts(
    untouched: Path, way: Callable[[Path], dict[str, str]], command: list[str]
) -> None:
    out, err = io.StringIO(), io.StringIO()
    env = {"HOME": str(untouched), "PATH": f"{untouched}/bin:/usr/bin:/bin", **way(untouched)}
    assert main(command, CommandContext(out=out, err=err, env=env, cwd=untouched)) == ExitCode.HARNESS
    words = out.getvalue() + err.getvalue()
    assert f"the Docker engine at {FAR}" in words
    assert "is on another machine" in words
    assert f"GAMEDAY_ALLOW_REMOTE_ENGINE={FAR}" in words
    assert not (untouched / "dialled").exists(), (untouched / "dialled").read_text()
    called = (untouched / "called").read_text().splitlines() if (untouched / "called").exists() else []
    # doctor asks the plug-ins for their versions, which asks no engine.
    assert [line for line in called if not line.endswith(("compose version --short", "buildx version"))] == []
    assert not list(untouched.glob("reports/*"))


def test_a_remote_engine_that_is_named_is_dialled(untouched: Path) -> None:
    err = io.StringIO()
    env = {"HOME": str(untouched), "DOCKER_HOST": FAR, "GAMEDAY_ALLOW_REMOTE_ENGINE": FAR}
    assert (
        main(["clean"], CommandContext(out=io.StringIO(), err=err, env=env, cwd=untouched))
        == ExitCode.HARNESS
    )
    assert "192.0.2.1" in (untouched / "dialled").read_text()
    assert f"no Docker engine answers at {FAR} (named by DOCKER_HOST={FAR})" in err.getvalue()


def test_programs_of_the_makefile_are_refused_a_remote_engine_too(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    never = [sys.executable, "-c", "raise SystemExit(0)"]
    assert with_engine.main(never, {"DOCKER_HOST": FAR}) == ExitCode.HARNESS
    assert "on another machine" in capfd.readouterr().err
    assert with_engine.main([], {}) == ExitCode.BAD_INPUT
    assert with_engine.main([str(tmp_path / "absent")], {"HOME": str(tmp_path)}) == ExitCode.HARNESS
