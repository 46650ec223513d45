"""What a stranger installs: pinned packages, and a wheel that carries everything it needs and nothing of
the stack.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from chaos.faults.container_kill import ContainerKill
from chaos.plan import stored_plan
from tests.built_wheel import built_wheel
from tests.runner_harness import plan

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[3]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def canonical(name: str) -> str:
    """As the packaging specification writes names: lower case, runs of -_. as one dash (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: str) -> dict[str, str]:
    """Package name -> the block of lines that pins it."""
    blocks = re.split(r"^(?=\S)", (ROOT / lock).read_text(), flags=re.MULTILINE)
    return {canonical(block.partition("==")[0]): block for block in blocks if block.strip()}


@pytest.fixture(scope="module")
def project() -> dict[str, list[str]]:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {"requirements.lock": table["dependencies"], "dev": table["optional-dependencies"]["dev"]}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_version_and_hashes_and_no_address(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text()
    assert len(pins(lock)) > 20
    for name, block in pins(lock).items():
        assert re.match(r"\S+==\S+", block), name
        assert "--hash=sha256:" in block, name


def test_every_dependency_is_pinned(project: dict[str, list[str]]) -> None:
    for lock, wanted in (
        ("requirements.lock", project["requirements.lock"]),
        ("requirements-dev.lock", project["requirements.lock"] + project["dev"]),
    ):
        names = {canonical(re.split(r"[<>=!~\[; ]", line)[0]) for line in wanted}
        assert names <= pins(lock).keys(), f"run `make lock`: missing in {lock}"


def test_both_locks_pin_the_same_versions() -> None:
    small, large = pins(LOCKS[0]), pins(LOCKS[1])
    assert {name: large.get(name) for name in small} == small


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_wheel(tmp_path_factory.mktemp("wheel"))


def test_the_wheel_carries_every_file_of_the_package_and_nothing_else(wheel: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "chaos"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    wanted = {name for name in tracked if name and (ROOT / name).is_file()}
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    assert wanted <= held
    assert {name.split("/")[0] for name in held if ".dist-info/" not in name} == {"chaos"}
    assert "chaos/setup/contexts/toxiproxy/go.sum" in held


def test_the_wheel_works_without_this_checkout(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    script = "import chaos, chaos.setup.manifest as m; print(chaos.__file__); print(m.own_images()[0].name)"
    # -P: the folder it is run in does not count as a place of packages; the editable install comes after
    # PYTHONPATH.
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "site"), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    place, image = done.stdout.splitlines()
    assert place.startswith(str(tmp_path))
    assert "toxiproxy" in image


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as pip installs it, in a folder far from this checkout; nothing is fetched."""
    site = tmp_path_factory.mktemp("installed") / "site"
    words = ["install", "--quiet", "--no-deps", "--no-index", "--target", str(site), str(wheel)]
    done = subprocess.run([sys.executable, "-m", "pip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    shutil.copytree(ROOT / "examples" / "counter", site.parent / "counter")
    return site


def gameday(site: Path, *words: str) -> str:
    """The installed command, run in the copy of the example. Dependencies are those of this environment."""
    done = subprocess.run(
        [sys.executable, "-P", str(site / "bin" / "gameday"), *words],
        cwd=site.parent / "counter",
        env={"PYTHONPATH": str(site), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_needs_no_engine_runs_from_the_wheel(installed: Path) -> None:
    assert "redis-down" in gameday(installed, "plan", "scenarios/redis-down.yaml")
    assert gameday(installed, "validate", "scenarios")
    assert "container.kill" in gameday(installed, "kinds")


def test_reports_are_drawn_from_the_wheel(installed: Path) -> None:
    kill = {"at": "2s", "for": "10s", "fault": "container.kill", "service": "cache"}
    folder = installed.parent / "counter" / "20310101T000000Z-toy-abc123"
    folder.mkdir()
    (folder / "plan.json").write_text(stored_plan(plan(ContainerKill.model_validate(kill)), ()))
    gameday(installed, "report", str(folder))
    page = (folder / "report.html").read_text()
    assert "INCONCLUSIVE" in page
    assert "echarts" in page, "templates and script came along"


def test_the_wheel_declares_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (entry,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        entries = archive.read(entry).decode()
        assert "gameday = chaos.cli:main" in entries
        assert "[pytest11]\ngameday = chaos.pytest_plugin" in entries
