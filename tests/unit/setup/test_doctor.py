from __future__ import annotations

import socket
from pathlib import Path

import pytest

from chaos.errors import EnvironmentProblem
from chaos.setup import prepare
from chaos.setup.commands import ProgramResult
from chaos.setup.doctor import (
    GIB,
    Requirement,
    count_free_ports,
    diagnose,
    fix,
    free_bytes,
    judge_ca,
    judge_disk,
    judge_engine,
    judge_memory,
    judge_plugins,
    judge_ports,
    judge_python,
)
from chaos.setup.machine import CaBundle
from chaos.setup.plugins import Plugins
from tests.unit.setup.fakes import ENGINE, INFO, MAC, NO_ENGINE, USER_DEBIAN, FakePrograms, Reply, Said

HEALTHY: dict[str, Reply] = {
    "docker info": INFO,
    "docker compose version": ProgramResult(0, "2.30.1"),
    "docker buildx version": ProgramResult(0, "buildx v0.20.0"),
}


def by_name(findings: tuple[Requirement, ...]) -> dict[str, Requirement]:
    return {finding.name: finding for finding in findings}


def test_everything_is_looked_at_and_nothing_is_changed(tmp_path: Path) -> None:
    run = FakePrograms(dict(HEALTHY))
    findings = by_name(diagnose(tmp_path / "reports", run=run, machine=USER_DEBIAN, env={}))
    assert set(findings) == {"python", "engine", "compose", "buildx", "disk", "memory", "ports", "ca"}
    assert findings["engine"].ok
    assert findings["compose"].ok
    assert not run.asked_for("apt-get")
    assert not (tmp_path / "reports").exists()


def test_without_an_engine_the_other_findings_are_still_there(tmp_path: Path) -> None:
    findings = by_name(diagnose(tmp_path, run=FakePrograms({"docker info": NO_ENGINE}), machine=MAC, env={}))
    assert not findings["engine"].ok
    assert "Docker Desktop" in findings["engine"].fix
    assert not findings["compose"].ok
    assert findings["ports"].ok


def test_a_remote_engine_is_a_finding_not_a_crash(tmp_path: Path) -> None:
    env = {"DOCKER_HOST": "ssh://me@build-server"}
    findings = by_name(diagnose(tmp_path, run=FakePrograms(dict(HEALTHY)), machine=USER_DEBIAN, env=env))
    assert not findings["engine"].ok
    assert "another machine" in findings["engine"].found


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        (judge_python((3, 10, 12)), judge_python((3, 11, 0))),
        (judge_engine(None, USER_DEBIAN), judge_engine(ENGINE, USER_DEBIAN)),
        (judge_plugins(Plugins((2, 24, 3), None))[0], judge_plugins(Plugins((2, 24, 4), None))[0]),
        (judge_plugins(Plugins(None, None))[1], judge_plugins(Plugins(None, (0, 13, 1)))[1]),
        (judge_disk(Path("/"), 5 * GIB - 1), judge_disk(Path("/"), 5 * GIB)),
        (judge_memory(GIB, None), judge_memory(2 * GIB, None)),
        (judge_ports(19), judge_ports(20)),
        (judge_ca(None), judge_ca(CaBundle(Path(__file__)))),
    ],
)
def test_each_requirement_can_be_unmet_and_then_has_a_fix_of_one_line(
    bad: Requirement, good: Requirement
) -> None:
    assert not bad.ok
    assert bad.fix
    assert "\n" not in bad.fix
    assert "not ok" in str(bad)
    assert bad.fix in str(bad)
    # This file holds the words of a certificate: -----BEGIN CERTIFICATE-----
    assert good.ok
    assert "fix:" not in str(good)


def test_the_engines_own_memory_counts_where_it_is_smaller() -> None:
    assert judge_memory(64 * GIB, ENGINE).found.startswith("8.0 GiB")


def test_ports_are_counted_until_none_is_left() -> None:
    taken = 0

    def bind(listener: socket.socket) -> None:
        nonlocal taken
        if taken == 3:
            raise OSError("address already in use")
        taken += 1

    assert count_free_ports(20, bind) == 3
    assert count_free_ports(2) == 2


def test_the_disk_of_a_folder_that_is_not_there_yet_is_its_parents(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "a" / "b") > 0


def test_mending_needs_root_on_debian() -> None:
    with pytest.raises(EnvironmentProblem) as problem:
        fix(run=FakePrograms({"docker info": NO_ENGINE}), say=Said(), machine=USER_DEBIAN, env={})
    assert problem.value.exit_code == 3


@pytest.mark.parametrize(("ok", "code", "lines"), [(True, 0, 0), (False, 3, 1)])
def test_the_verb_ends_with_3_when_anything_is_not_ok(
    monkeypatch: pytest.MonkeyPatch, ok: bool, code: int, lines: int
) -> None:
    findings = (Requirement("engine", True, "there"), Requirement("disk", ok, "1 GiB", "free some space"))
    monkeypatch.setattr(prepare, "diagnose", lambda folder, env: findings)
    said = Said()
    assert prepare.run_doctor(Path("reports"), fix_first=False, say=said) == code
    assert len(said.lines) == 2
    quiet = Said()
    assert prepare.run_doctor(Path("reports"), fix_first=False, quiet=True, say=quiet) == code
    assert len(quiet.lines) == lines


@pytest.mark.parametrize(("name", "fixed"), [("engine", 1), ("compose", 1), ("buildx", 1), ("memory", 0)])
def test_only_what_can_be_mended_is_and_only_when_it_is_not_ok(
    monkeypatch: pytest.MonkeyPatch, name: str, fixed: int
) -> None:
    state = {"ok": False, "fixed": 0}

    def put_right(**_: object) -> None:
        state["ok"], state["fixed"] = True, state["fixed"] + 1

    monkeypatch.setattr(
        prepare, "diagnose", lambda folder, env: (Requirement(name, bool(state["ok"]), "found", "fix"),)
    )
    monkeypatch.setattr(prepare, "fix", put_right)
    code = prepare.run_doctor(Path("reports"), fix_first=True, say=Said())
    assert (state["fixed"], code) == (fixed, 0 if fixed else 3)
    prepare.run_doctor(Path("reports"), fix_first=True, say=Said())
    assert state["fixed"] == fixed
