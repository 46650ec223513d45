from __future__ import annotations

from pathlib import Path

import pytest

from chaos.setup.commands import ProgramResult
from chaos.setup.machine import Machine, debian_mirror, find_ca_bundle, read_os_release, this_machine
from tests.unit.setup.fakes import FEDORA, ROOT_DEBIAN, FakePrograms

TARGETS = """\
DEP-11|http://mirror.example/debian/|bookworm|main
Packages|http://mirror.example/debian-security/|bookworm-security|main
Packages|http://mirror.example/debian/|bookworm-updates|main
Packages|http://other.example/debian/|bookworm|contrib
Packages|http://mirror.example/debian/|bookworm|main
"""


def test_the_mirror_is_that_of_the_release_itself() -> None:
    run = FakePrograms({"apt-get indextargets": ProgramResult(0, TARGETS)})
    assert debian_mirror(ROOT_DEBIAN, run) == "http://mirror.example/debian/"


@pytest.mark.parametrize("machine", [FEDORA, Machine("ubuntu", "24.04", True, ("debian",))])
def test_another_distribution_has_no_debian_mirror(machine: Machine) -> None:
    run = FakePrograms({"apt-get indextargets": ProgramResult(0, TARGETS)})
    assert debian_mirror(machine, run) is None


def test_a_debian_without_sources_has_no_mirror() -> None:
    assert debian_mirror(ROOT_DEBIAN, FakePrograms()) is None


def test_os_release_is_read_with_and_without_quotes(tmp_path: Path) -> None:
    text = '# comment\nID=ubuntu\nID_LIKE="debian gnu"\nVERSION_ID="24.04"\nPRETTY_NAME=\'Ubuntu 24\'\n\n'
    assert read_os_release(text)["VERSION_ID"] == "24.04"
    path = tmp_path / "os-release"
    path.write_text(text)
    machine = this_machine(path)
    assert (machine.family, machine.version, machine.has_apt) == ("ubuntu", "24.04", True)


def test_a_system_without_os_release_has_no_apt(tmp_path: Path) -> None:
    assert not this_machine(tmp_path / "missing").has_apt


def test_the_bundle_that_the_environment_names_comes_first(tmp_path: Path) -> None:
    usual, mine = tmp_path / "usual.pem", tmp_path / "mine.pem"
    for path in (usual, mine):
        path.write_text("-----BEGIN CERTIFICATE-----\n")
    found = find_ca_bundle({"PIP_CERT": str(mine)}, (str(usual),))
    assert found is not None
    assert (found.path, found.problem()) == (mine, "")
    found = find_ca_bundle({}, (str(tmp_path / "missing"), str(usual)))
    assert found is not None
    assert found.path == usual
    assert find_ca_bundle({}, ()) is None


def test_a_bundle_that_cannot_be_one_says_why(tmp_path: Path) -> None:
    gone = find_ca_bundle({"SSL_CERT_FILE": str(tmp_path / "gone.pem")})
    assert gone is not None
    assert "SSL_CERT_FILE" in gone.problem()
    (tmp_path / "empty.pem").touch()
    empty = find_ca_bundle({"SSL_CERT_FILE": str(tmp_path / "empty.pem")})
    assert empty is not None
    assert "no certificate" in empty.problem()
