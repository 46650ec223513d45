"""The engine: gone, broken, or on somebody else's machine."""

from __future__ import annotations

from pathlib import Path

import docker.errors
import pytest
import requests.exceptions

from chaos.adapters.stack.engine import connect, engine_errors
from chaos.engine_address import refuse_remote
from chaos.errors import EnvironmentProblem, ExitCode, ToolProblem


def test_an_engine_that_is_gone_is_a_problem_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    with pytest.raises(EnvironmentProblem, match="no Docker engine answers") as caught:
        connect()
    assert caught.value.exit_code is ExitCode.HARNESS
    assert "doctor" in caught.value.fix


@pytest.mark.parametrize("host", ["tcp://10.0.0.7:2375", "ssh://root@build", "tcp://docker.example.com:2376"])
def test_an_engine_elsewhere_is_refused_unless_told_so(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GAMEDAY_ALLOW_REMOTE_ENGINE", raising=False)
    monkeypatch.setenv("DOCKER_HOST", host)
    with pytest.raises(EnvironmentProblem, match="another machine"):
        connect()
    monkeypatch.setenv("GAMEDAY_ALLOW_REMOTE_ENGINE", "1")
    refuse_remote(host)


@pytest.mark.parametrize(
    "host", ["", "unix:///var/run/docker.sock", "tcp://127.0.0.1:2375", "npipe:////./pipe/d"]
)
def test_a_local_one_is_not(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GAMEDAY_ALLOW_REMOTE_ENGINE", raising=False)
    refuse_remote(host)


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        (docker.errors.APIError("boom", explanation="no space left on device"), ToolProblem),
        (docker.errors.NotFound("gone"), ToolProblem),
        (docker.errors.DockerException("no socket"), EnvironmentProblem),
        (requests.exceptions.ReadTimeout("slow"), EnvironmentProblem),
        (ConnectionRefusedError("refused"), EnvironmentProblem),
    ],
)
def test_no_foreign_error_escapes(foreign: Exception, ours: type[Exception]) -> None:
    with pytest.raises(ours, match="do it"), engine_errors("do it"):
        raise foreign
