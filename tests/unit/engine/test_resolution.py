"""Which engine is meant: the order of the settings, contexts, TLS files, and what children are given."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chaos.engine import DEFAULT_HOST, EngineAddress, EngineSource, TlsFiles, resolve_engine
from chaos.errors import EnvironmentProblem
from tests.unit.engine.docker_config import add_context, write_config, write_tls

A, B, C = "tcp://10.0.0.1:2376", "tcp://10.0.0.2:2376", "tcp://10.0.0.3:2376"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder whose configuration knows the contexts b and c, and whose current one is c."""
    config = write_config(tmp_path / ".docker", current="c")
    add_context(config, "b", B)
    add_context(config, "c", C)
    return tmp_path


def test_without_any_setting_it_is_the_default_socket(tmp_path: Path) -> None:
    assert resolve_engine({"HOME": str(tmp_path)}) == EngineAddress(DEFAULT_HOST)


def test_the_order_of_the_settings_is_that_of_the_docker_command(home: Path) -> None:
    env = {"HOME": str(home), "DOCKER_CONTEXT": "b", "DOCKER_HOST": A}
    found = resolve_engine(env)
    assert (found.host, found.source, found.named_by) == (A, EngineSource.HOST, f"DOCKER_HOST={A}")
    del env["DOCKER_HOST"]
    found = resolve_engine(env)
    assert (found.host, found.source, found.named_by) == (B, EngineSource.CONTEXT, "DOCKER_CONTEXT=b")
    del env["DOCKER_CONTEXT"]
    found = resolve_engine(env)
    assert (found.host, found.source) == (C, EngineSource.CURRENT_CONTEXT)
    assert str(home / ".docker" / "config.json") in found.named_by


@pytest.mark.parametrize("empty", [{"DOCKER_HOST": ""}, {"DOCKER_HOST": " "}, {"DOCKER_CONTEXT": ""}])
def test_an_empty_setting_is_none(home: Path, empty: dict[str, str]) -> None:
    assert resolve_engine({"HOME": str(home), **empty}).host == C


def test_the_context_default_is_the_default_socket(home: Path) -> None:
    assert resolve_engine({"HOME": str(home), "DOCKER_CONTEXT": "default"}).host == DEFAULT_HOST


def test_docker_config_takes_the_place_of_the_home_folder(home: Path, tmp_path: Path) -> None:
    other = write_config(tmp_path / "other", current="far")
    add_context(other, "far", A)
    assert resolve_engine({"HOME": str(home), "DOCKER_CONFIG": str(other)}).host == A


def test_an_address_without_a_scheme_is_tcp(home: Path) -> None:
    assert resolve_engine({"HOME": str(home), "DOCKER_HOST": "10.0.0.9:2375"}).host == "tcp://10.0.0.9:2375"


def test_tls_of_the_environment(home: Path, tmp_path: Path) -> None:
    files = write_tls(tmp_path / "certs")
    env = {"HOME": str(home), "DOCKER_HOST": A, "DOCKER_CERT_PATH": str(files)}
    assert resolve_engine(env).tls is None, "a folder alone asks for nothing"
    assert resolve_engine({**env, "DOCKER_TLS_VERIFY": "1"}).tls == TlsFiles(files, client=True, verify=True)
    assert resolve_engine({**env, "DOCKER_TLS": "1"}).tls == TlsFiles(files, client=True, verify=False)
    unix = {**env, "DOCKER_HOST": DEFAULT_HOST, "DOCKER_TLS_VERIFY": "1"}
    assert resolve_engine(unix).tls is None


def test_tls_files_lie_in_the_configuration_folder_unless_another_is_named(home: Path) -> None:
    write_tls(home / ".docker", client=False)
    found = resolve_engine({"HOME": str(home), "DOCKER_HOST": A, "DOCKER_TLS_VERIFY": "yes"})
    assert found.tls == TlsFiles(home / ".docker", client=False, verify=True)


def test_tls_of_a_context(home: Path) -> None:
    config = home / ".docker"
    files = write_tls(add_context(config, "safe", A))
    lax = write_tls(add_context(config, "lax", A, skip_verify=True))
    plain = resolve_engine({"HOME": str(home), "DOCKER_CONTEXT": "b", "DOCKER_TLS_VERIFY": "1"})
    assert plain.tls is None, "the variables say nothing of a context"
    env = {"HOME": str(home)}
    assert resolve_engine({**env, "DOCKER_CONTEXT": "safe"}).tls == TlsFiles(files, client=True, verify=True)
    assert resolve_engine({**env, "DOCKER_CONTEXT": "lax"}).tls == TlsFiles(lax, client=True, verify=False)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"DOCKER_CONTEXT": "gone"}, "DOCKER_CONTEXT=gone: there is no such Docker context"),
        ({"DOCKER_HOST": A, "DOCKER_TLS_VERIFY": "1"}, "ca.pem does not exist"),
        ({"DOCKER_CONTEXT": "broken"}, "gameday does not know which Docker engine to use"),
        ({"DOCKER_CONTEXT": "odd"}, "gameday does not know which Docker engine to use"),
        ({"DOCKER_CONTEXT": "empty"}, "names no engine"),
    ],
)
def test_what_cannot_be_known_is_never_guessed(home: Path, settings: dict[str, str], why: str) -> None:
    for name, text in (("broken", "{"), ("odd", '{"Endpoints": [1]}'), ("empty", "{}")):
        add_context(home / ".docker", name, A)
        (meta,) = [
            path
            for path in (home / ".docker" / "contexts" / "meta").glob("*/meta.json")
            if f'"{name}"' in path.read_text()
        ]
        meta.write_text(text)
    with pytest.raises(EnvironmentProblem, match=why) as refused:
        resolve_engine({"HOME": str(home), **settings})
    assert refused.value.fix


@pytest.mark.parametrize("text", ["{", "[]", '{"currentContext": 3}', "\0"])
def test_a_damaged_config_json_is_an_error_and_not_the_default(tmp_path: Path, text: str) -> None:
    write_config(tmp_path).joinpath("config.json").write_text(text)
    with pytest.raises(EnvironmentProblem, match=r"config\.json cannot be read"):
        resolve_engine({"DOCKER_CONFIG": str(tmp_path)})


def test_a_config_json_that_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config.json")
    with pytest.raises(EnvironmentProblem, match=r"config\.json cannot be read"):
        resolve_engine({"DOCKER_CONFIG": str(tmp_path)})


@pytest.mark.parametrize("name", [os.fsdecode(b"\xff"), "x" * 5000])
def test_a_name_that_no_context_has_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(EnvironmentProblem, match="no such Docker context"):
        resolve_engine({"DOCKER_CONTEXT": name, "DOCKER_CONFIG": str(tmp_path)})
    assert resolve_engine({"DOCKER_CONFIG": "x" * 5000}).host == DEFAULT_HOST


def test_a_child_is_given_the_engine_and_nothing_that_could_name_another(tmp_path: Path) -> None:
    base = {"PATH": "/bin", "DOCKER_CONTEXT": "b", "DOCKER_TLS": "1", "DOCKER_CERT_PATH": "/old"}
    base |= {"DOCKER_HOST": A, "DOCKER_TLS_VERIFY": "1", "DOCKER_CONFIG": "/config"}
    assert EngineAddress().environment(base) == {
        "PATH": "/bin",
        "DOCKER_CONFIG": "/config",
        "DOCKER_HOST": DEFAULT_HOST,
    }
    files = write_tls(tmp_path)
    for verify, name in ((True, "DOCKER_TLS_VERIFY"), (False, "DOCKER_TLS")):
        address = EngineAddress(B, TlsFiles(files, client=True, verify=verify))
        given = address.environment(base)
        kept = {"PATH": "/bin", "DOCKER_CONFIG": "/config"}
        assert given == {**kept, "DOCKER_HOST": B, "DOCKER_CERT_PATH": str(files), name: "1"}
        again = resolve_engine(given)
        assert (again.host, again.tls) == (address.host, address.tls), "a child resolves to the same engine"
