"""No exception of a library or of the system leaves set-up: odd answers and programs that cannot be run."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import docker
import pytest
import requests
import urllib3.exceptions

from chaos.engine import EngineAddress
from chaos.errors import BadInput, GamedayError, ToolProblem
from chaos.setup.commands import MISSING, ProgramResult, run_program
from chaos.setup.engine import find_engine
from chaos.setup.held import held_images
from chaos.setup.manifest import read_manifest
from chaos.setup.registry_probe import engine_probe
from chaos.setup.services import built_services
from tests.unit.setup.fakes import FakePrograms

ODD = ("[]", "[1]", "3", "null", '"text"', "{", '{"ServerVersion": "1", "NCPU": "many"}', '{"services": [1]}')


@pytest.mark.parametrize("printed", [*ODD, '{"services": {"a": {"build": {}}}}', '[{"Config": 1}]'])
def test_an_odd_answer_of_a_program_is_a_clear_error(printed: str, tmp_path: Path) -> None:
    run = FakePrograms({"docker": ProgramResult(0, printed)})
    for call in (
        lambda: find_engine(run, EngineAddress()),
        lambda: held_images(["redis:8"], run),
        lambda: built_services(tmp_path / "compose.yaml", run),
    ):
        with suppress(GamedayError):  # any other exception fails the test
            call()


def test_an_answer_of_the_wrong_shape_says_whose_it_was(tmp_path: Path) -> None:
    run = FakePrograms({"docker": ProgramResult(0, "[1]")})
    with pytest.raises(ToolProblem, match=r"`docker info` .* cannot be read"):
        find_engine(run, EngineAddress())
    with pytest.raises(ToolProblem, match=r"`docker image inspect` .* cannot be read"):
        held_images(["redis:8"], run)
    with pytest.raises(ToolProblem, match=r"`docker compose config` .* cannot be read"):
        built_services(tmp_path / "compose.yaml", run)


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"#!/no/such/interpreter\n"])
def test_a_program_that_cannot_be_run_is_missing(content: bytes, tmp_path: Path) -> None:
    program = tmp_path / "docker"
    program.write_bytes(content)
    program.chmod(0o755)
    done = run_program([str(program)])
    assert (done.code, bool(done.err)) == (MISSING, True)
    program.chmod(0o644)
    assert run_program([str(program)]).code == MISSING
    assert run_program(["echo", "a\0b"]).code == MISSING


@pytest.mark.parametrize(
    "error",
    [
        docker.errors.APIError("denied"),
        docker.errors.DockerException("no version"),
        requests.ConnectionError("refused"),
        urllib3.exceptions.ProtocolError("broke off"),
        ValueError("no JSON"),
        KeyError("ApiVersion"),
        OSError("too many open files"),
    ],
)
def test_a_registry_whose_engine_breaks_cannot_be_used(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(docker, "APIClient", broken)
    answer = engine_probe(EngineAddress("unix:///nowhere.sock"))("redis:8")
    assert (answer.answers, bool(answer.why)) == (False, True)


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"images: \x00", b"images: [", b"- 1"])
def test_a_manifest_that_is_no_text_is_bad_input(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "images.yaml"
    path.write_bytes(content)
    with pytest.raises(BadInput):
        read_manifest(path)
