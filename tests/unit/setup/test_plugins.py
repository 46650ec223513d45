from __future__ import annotations

from pathlib import Path

import pytest

from chaos.errors import EnvironmentProblem
from chaos.setup import plugins as plugins_module
from chaos.setup.commands import ProgramResult
from chaos.setup.plugins import ensure_plugins, find_plugins, own_apt, parse_version
from tests.unit.setup.fakes import FEDORA, ROOT_DEBIAN, USER_DEBIAN, FakePrograms, Reply, Said

GOOD: dict[str, Reply] = {
    "docker compose version": ProgramResult(0, "2.26.1-4\n"),
    "docker buildx version": ProgramResult(0, "github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3\n"),
}
TARGETS = ProgramResult(0, "Packages|http://mirror.example/debian/|bookworm|main\n")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("2.26.1-4", (2, 26, 1)),
        ("Docker Compose version v2.40.3", (2, 40, 3)),
        ("v2.24", (2, 24, 0)),
        ("unknown", None),
    ],
)
def test_versions_are_read_as_numbers(text: str, version: tuple[int, ...] | None) -> None:
    assert parse_version(text) == version


@pytest.mark.parametrize(
    ("compose", "good"), [("2.24.3", False), ("2.24.4", True), ("2.9.0", False), ("5.0.0", True)]
)
def test_compose_is_good_from_2_24_4_on(compose: str, good: bool) -> None:
    run = FakePrograms(GOOD | {"docker compose version": ProgramResult(0, compose)})
    assert find_plugins(run).good is good


def test_without_buildx_it_is_not_good() -> None:
    assert not find_plugins(FakePrograms({"docker compose version": ProgramResult(0, "2.30.0")})).good


@pytest.mark.parametrize("machine", [USER_DEBIAN, FEDORA])
def test_missing_plugins_are_installed_for_root_on_debian_only(machine: object) -> None:
    run = FakePrograms()
    with pytest.raises(EnvironmentProblem, match=r"2\.24\.4 or newer and buildx are needed"):
        ensure_plugins(machine, run, Said())  # type: ignore[arg-type]
    assert not run.asked_for("apt-get")


def test_debian_12_gets_the_binaries_of_debian_13(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "libexec" / "cli-plugins"
    monkeypatch.setattr(plugins_module, "PLUGIN_FOLDER", folder)
    run = FakePrograms(
        {
            "apt-cache policy docker-compose": ProgramResult(0, "  Candidate: 1.29.2-3\n"),
            "apt-cache policy docker-buildx": ProgramResult(0, "  Candidate: (none)\n"),
            "apt-get indextargets": TARGETS,
        }
    )

    def download(argv: list[str]) -> ProgramResult:
        here = Path(next(word for word in argv if word.startswith("Dir::Cache=")).partition("=")[2]).parent
        assert (here / "sources.list").read_text() == "deb http://mirror.example/debian/ trixie main\n"
        if "download" in argv:
            (here / "docker-compose_2.26.deb").touch()
        return ProgramResult(0)

    def unpack(argv: list[str]) -> ProgramResult:
        inside = Path(argv[3]) / folder.relative_to("/")
        inside.mkdir(parents=True)
        (inside / "docker-compose").write_text("binary")
        run.replies |= GOOD
        return ProgramResult(0)

    run.replies |= {"apt-get -o": download, "dpkg-deb -x": unpack}
    assert ensure_plugins(ROOT_DEBIAN, run, Said()).good
    assert (folder / "docker-compose").read_text() == "binary"
    assert not run.asked_for("apt-get install"), "Debian 12's own docker-compose is version 1"


def test_debian_13_gets_its_own_packages() -> None:
    run = FakePrograms(
        {
            "apt-cache policy docker-compose": ProgramResult(0, "  Candidate: 2.26.1-4\n"),
            "apt-cache policy docker-buildx": ProgramResult(0, "  Candidate: 0.13.1\n"),
        }
    )

    def install(argv: list[str]) -> ProgramResult:
        run.replies |= GOOD
        return ProgramResult(0)

    run.replies["apt-get install"] = install
    assert ensure_plugins(ROOT_DEBIAN, run, Said()).good


def test_an_installation_that_changes_nothing_is_an_error() -> None:
    with pytest.raises(EnvironmentProblem, match="could not be installed"):
        ensure_plugins(ROOT_DEBIAN, FakePrograms(), Said())


def test_apt_of_our_own_reads_no_list_of_the_machine(tmp_path: Path) -> None:
    options = own_apt(tmp_path, "http://mirror.example/debian/")
    assert f"Dir::State::lists={tmp_path / 'lists'}" in options
    assert "Dir::Etc::sourceparts=-" in options
