from __future__ import annotations

from pathlib import Path

import pytest

from chaos.engine import EngineAddress, EngineSource, is_remote, refuse_remote, resolve_engine
from chaos.errors import EnvironmentProblem, ToolProblem
from chaos.setup.commands import ProgramResult
from chaos.setup.engine import (
    drop_stale_pid_file,
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


def programs(info: ProgramResult) -> FakePrograms:
    return FakePrograms({"docker info": info})


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """A /proc in which 41 is dockerd, 42 is another program and 43 is a dockerd that has ended."""
    for pid, name, state in ((41, "dockerd", "S"), (42, "bash", "S"), (43, "dockerd", "Z")):
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "status").write_text(f"Name:\t{name}\nUmask:\t0022\nState:\t{state} (x)\n")
    return tmp_path


def test_an_engine_that_answers_is_used_as_it_is() -> None:
    run = programs(INFO)
    assert ensure_engine(ROOT_DEBIAN, run, Said(), EngineAddress()) == ENGINE
    assert not run.asked_for("apt-get")


def test_docker_info_that_ends_well_without_a_server_is_no_engine() -> None:
    assert (
        find_engine(programs(ProgramResult(0, '{"ServerErrors": ["cannot connect"]}')), EngineAddress())
        is None
    )


def test_docker_info_that_is_no_json_is_a_tool_problem() -> None:
    with pytest.raises(ToolProblem, match="did not print JSON"):
        find_engine(programs(ProgramResult(0, "hello")), EngineAddress())


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
        ("127.0.0.1:2375", False),
        ("tcp://10.1.2.3:2375", True),
        ("10.1.2.3:2375", True),
        ("build.example:2375", True),
        ("npipe:////build/pipe/docker_engine", True),
        ("tcp://[::1", True),
        ("tcp://127.evil.example:2375", True),
        ("https://docker.example:2376", True),
        ("ssh://me@build-server", True),
        ("ssh://me@localhost", True),
    ],
)
def test_which_engines_are_on_another_computer(address: str, remote: bool) -> None:
    assert is_remote(address) is remote


REMOTE = "tcp://10.1.2.3:2375"


@pytest.mark.parametrize("source", [EngineSource.HOST, EngineSource.CONTEXT, EngineSource.CURRENT_CONTEXT])
def test_a_refusal_says_which_setting_named_the_engine_and_what_to_do(source: EngineSource) -> None:
    engine = EngineAddress(REMOTE, source=source, named_by=f"{source} prod")
    with pytest.raises(EnvironmentProblem, match="another machine") as refused:
        refuse_remote(engine, {})
    assert refused.value.exit_code == 3
    assert f"{source} prod" in str(refused.value)
    assert ("context use default" if source is EngineSource.CURRENT_CONTEXT else source) in refused.value.fix


def test_a_remote_engine_that_is_allowed_by_name_is_used() -> None:
    engine = EngineAddress(REMOTE)
    for allowed in ("1", REMOTE):
        assert refuse_remote(engine, {"GAMEDAY_ALLOW_REMOTE_ENGINE": allowed}) is engine
    for other in ("no", "0", "tcp://10.1.2.4:2375"):
        with pytest.raises(EnvironmentProblem):
            refuse_remote(engine, {"GAMEDAY_ALLOW_REMOTE_ENGINE": other})


@pytest.mark.parametrize(
    ("machine", "fix"), [(USER_DEBIAN, "as root"), (FEDORA, "install"), (MAC, "Docker Desktop")]
)
def test_without_an_engine_only_root_on_debian_is_helped(machine: object, fix: str) -> None:
    run = programs(NO_ENGINE)
    with pytest.raises(EnvironmentProblem, match="no Docker engine answers") as refused:
        ensure_engine(machine, run, Said(), EngineAddress())  # type: ignore[arg-type]
    assert fix in refused.value.fix
    assert refused.value.exit_code == 3
    assert not run.asked_for("apt-get")


def test_an_engine_named_by_the_user_is_not_replaced_by_one_of_ours() -> None:
    run = programs(NO_ENGINE)
    with pytest.raises(EnvironmentProblem, match="DOCKER_HOST=unix:///tmp/gone"):
        ensure_engine(ROOT_DEBIAN, run, Said(), resolve_engine({"DOCKER_HOST": "unix:///tmp/gone"}))
    assert not run.asked_for("apt-get")


def test_root_on_debian_gets_an_engine_and_one_that_apt_started_is_not_started_again() -> None:
    run = programs(NO_ENGINE)

    def installed(argv: list[str]) -> ProgramResult:
        run.replies["docker info"] = INFO
        return ProgramResult(0)

    run.replies |= {
        "apt-get update": ProgramResult(0),
        "apt-cache pkgnames": ProgramResult(0, "docker.io\ndocker-doc\n"),
        "apt-get install": installed,
    }
    assert ensure_engine(ROOT_DEBIAN, run, Said(), EngineAddress()) == ENGINE
    (install,) = run.asked_for("apt-get install")
    assert "docker.io" in install
    assert "docker-cli" not in install, "a package that this release does not have was asked for"


def test_a_failed_installation_says_what_apt_said() -> None:
    run = programs(NO_ENGINE)
    run.replies |= {
        "apt-get update": ProgramResult(0),
        "apt-cache pkgnames": ProgramResult(0, "docker.io"),
        "apt-get install": ProgramResult(100, err="E: no space left"),
    }
    with pytest.raises(ToolProblem, match="no space left"):
        ensure_engine(ROOT_DEBIAN, run, Said(), EngineAddress())


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
