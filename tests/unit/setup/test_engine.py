from __future__ import annotations

from pathlib import Path

import pytest

from chaos.engine_address import is_remote, refuse_remote
from chaos.errors import EnvironmentProblem, ToolProblem
from chaos.setup.commands import Finished
from chaos.setup.engine import (
    drop_stale_pid_file,
    engine_address,
    ensure_engine,
    find_engine,
    program_of,
)
from tests.unit.setup.fakes import (
    ENGINE,
    FEDORA,
    INFO,
    MAC,
    NO_ENGINE,
    ROOT_DEBIAN,
    USER_DEBIAN,
    FakePrograms,
    Said,
)

SOCKET = Finished(0, "unix:///var/run/docker.sock\n")


def programs(info: Finished) -> FakePrograms:
    return FakePrograms({"docker context inspect": SOCKET, "docker info": info})


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """A /proc in which 41 is dockerd, 42 is another program and 43 is a dockerd that has ended."""
    for pid, name, state in ((41, "dockerd", "S"), (42, "bash", "S"), (43, "dockerd", "Z")):
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "status").write_text(f"Name:\t{name}\nUmask:\t0022\nState:\t{state} (x)\n")
    return tmp_path


def test_an_engine_that_answers_is_used_as_it_is() -> None:
    run = programs(INFO)
    assert ensure_engine(ROOT_DEBIAN, run, Said(), {}) == ENGINE
    assert not run.asked_for("apt-get")


def test_docker_info_that_ends_well_without_a_server_is_no_engine() -> None:
    assert find_engine(programs(Finished(0, '{"ServerErrors": ["cannot connect"]}')), {}) is None


def test_docker_info_that_is_no_json_is_a_tool_problem() -> None:
    with pytest.raises(ToolProblem, match="printed no JSON"):
        find_engine(programs(Finished(0, "hello")), {})


def test_the_environment_names_the_engine_before_the_context_does() -> None:
    run = FakePrograms({"docker context inspect": Finished(0, "unix:///home/me/.docker/run/docker.sock")})
    assert engine_address(run, {"DOCKER_HOST": "tcp://127.0.0.1:2375"}) == "tcp://127.0.0.1:2375"
    assert engine_address(run, {}) == "unix:///home/me/.docker/run/docker.sock"
    assert engine_address(FakePrograms(), {}) == "unix:///var/run/docker.sock"


@pytest.mark.parametrize(
    ("address", "remote"),
    [
        ("unix:///var/run/docker.sock", False),
        ("npipe:////./pipe/docker_engine", False),
        ("tcp://127.0.0.1:2375", False),
        ("tcp://localhost:2375", False),
        ("tcp://[::1]:2375", False),
        ("tcp://127.0.0.2:2375", False),
        ("tcp://:2375", False),
        ("fd://", False),
        ("", False),
        ("tcp://10.1.2.3:2375", True),
        ("tcp://127.evil.example:2375", True),
        ("https://docker.example:2376", True),
        ("ssh://me@build-server", True),
        ("ssh://me@localhost", True),
    ],
)
def test_which_engines_are_on_another_computer(address: str, remote: bool) -> None:
    assert is_remote(address) is remote


def test_a_remote_engine_is_refused_before_it_is_asked_anything() -> None:
    run = programs(INFO)
    with pytest.raises(EnvironmentProblem, match="another machine") as refused:
        find_engine(run, {"DOCKER_HOST": "tcp://10.1.2.3:2375"})
    assert refused.value.exit_code == 3
    assert "DOCKER_HOST" in refused.value.fix
    assert not run.asked_for("docker info")


def test_a_remote_engine_that_is_allowed_by_name_is_used() -> None:
    refuse_remote("tcp://10.1.2.3:2375", {"GAMEDAY_ALLOW_REMOTE_ENGINE": "1"})
    with pytest.raises(EnvironmentProblem):
        refuse_remote("tcp://10.1.2.3:2375", {"GAMEDAY_ALLOW_REMOTE_ENGINE": "no"})


@pytest.mark.parametrize(
    ("machine", "fix"), [(USER_DEBIAN, "as root"), (FEDORA, "install"), (MAC, "Docker Desktop")]
)
def test_without_an_engine_only_root_on_debian_is_helped(machine: object, fix: str) -> None:
    run = programs(NO_ENGINE)
    with pytest.raises(EnvironmentProblem, match="no Docker engine answers") as refused:
        ensure_engine(machine, run, Said(), {})  # type: ignore[arg-type]
    assert fix in refused.value.fix
    assert refused.value.exit_code == 3
    assert not run.asked_for("apt-get")


def test_an_engine_named_by_the_user_is_not_replaced_by_one_of_ours() -> None:
    run = programs(NO_ENGINE)
    with pytest.raises(EnvironmentProblem, match="DOCKER_HOST=unix:///tmp/gone"):
        ensure_engine(ROOT_DEBIAN, run, Said(), {"DOCKER_HOST": "unix:///tmp/gone"})
    assert not run.asked_for("apt-get")


def test_root_on_debian_gets_an_engine_and_one_that_apt_started_is_not_started_again() -> None:
    run = programs(NO_ENGINE)

    def installed(argv: list[str]) -> Finished:
        run.replies["docker info"] = INFO
        return Finished(0)

    run.replies |= {
        "apt-get update": Finished(0),
        "apt-cache pkgnames": Finished(0, "docker.io\ndocker-doc\n"),
        "apt-get install": installed,
    }
    assert ensure_engine(ROOT_DEBIAN, run, Said(), {}) == ENGINE
    (install,) = run.asked_for("apt-get install")
    assert "docker.io" in install
    assert "docker-cli" not in install, "a package that this release does not have was asked for"


def test_a_failed_installation_says_what_apt_said() -> None:
    run = programs(NO_ENGINE)
    run.replies |= {
        "apt-get update": Finished(0),
        "apt-cache pkgnames": Finished(0, "docker.io"),
        "apt-get install": Finished(100, err="E: no space left"),
    }
    with pytest.raises(ToolProblem, match="no space left"):
        ensure_engine(ROOT_DEBIAN, run, Said(), {})


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("99", "the process is gone"),
        ("42", "another program has the number"),
        ("43", "it has ended"),
        ("", "empty"),
    ],
)
def test_a_stale_pid_file_is_removed(tmp_path: Path, proc: Path, content: str, why: str) -> None:
    pid_file = tmp_path / "docker.pid"
    pid_file.write_text(content)
    assert drop_stale_pid_file(pid_file, "dockerd", proc), why
    assert not pid_file.exists()


def test_the_pid_file_of_a_running_engine_stays(tmp_path: Path, proc: Path) -> None:
    pid_file = tmp_path / "docker.pid"
    pid_file.write_text("41\n")
    assert not drop_stale_pid_file(pid_file, "dockerd", proc)
    assert pid_file.exists()


def test_no_pid_file_is_no_stale_one(tmp_path: Path, proc: Path) -> None:
    assert not drop_stale_pid_file(tmp_path / "docker.pid", "dockerd", proc)


def test_a_process_that_cannot_be_read_has_no_name(proc: Path) -> None:
    assert program_of(41, proc) == "dockerd"
    assert program_of(999, proc) == ""
