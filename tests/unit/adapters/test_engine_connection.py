"""The engine: gone, broken, or on somebody else's machine."""

from __future__ import annotations

from pathlib import Path

import docker.errors
import pytest
import requests.exceptions

from chaos.adapters.engine_connection import connect, engine_errors
from chaos.engine import EngineAddress
from chaos.errors import EnvironmentProblem, ExitCode, ToolProblem


def test_an_engine_that_is_gone_is_a_problem_of_the_machine(tmp_path: Path) -> None:
    gone = EngineAddress(f"unix://{tmp_path}/missing.sock", named_by="DOCKER_CONTEXT=lost")
    with pytest.raises(EnvironmentProblem, match="no Docker engine answers") as caught:
        connect(gone)
    assert caught.value.exit_code is ExitCode.HARNESS
    assert "doctor" in caught.value.fix
    assert "missing.sock (named by DOCKER_CONTEXT=lost)" in str(caught.value)


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


def test_a_user_who_may_not_use_the_engine_is_told_so() -> None:
    said = "this user may not use the Docker engine"
    with pytest.raises(EnvironmentProblem, match=said) as caught, engine_errors("do it"):
        raise docker.errors.DockerException("no socket") from PermissionError(13, "Permission denied")
    assert "group docker" in caught.value.fix
