"""bootstrap/venv.sh with programs of our own in the place of Python and apt: what it does, and what it leaves
alone.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


class Checkout:
    """A copy of what the script reads, and a PATH that holds only what the test puts there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "checkout"
        self.programs = folder / "programs"
        (self.folder / "bootstrap").mkdir(parents=True)
        self.programs.mkdir()
        shutil.copy(ROOT / "bootstrap" / "venv.sh", self.folder / "bootstrap")
        (self.folder / "pyproject.toml").write_text("[project]\n")
        (self.folder / "requirements-dev.lock").write_text("a==1\n")
        for name in ("sh", "dirname", "cat", "mkdir", "chmod"):
            found = shutil.which(name)
            assert found
            (self.programs / name).symlink_to(found)
        self.user(1000)

    def program(self, name: str, script: str) -> None:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def user(self, number: int) -> None:
        self.program("id", f"echo {number}")

    def python(self, *, ensurepip: bool = True, version: str = "3.11") -> None:
        """A Python that can answer questions and hash; `-m venv` makes an environment whose pip writes a
        diary.
        """
        self.program(
            "python3",
            f"""
case "$*" in
  *"import ensurepip"*) {"exit 0" if ensurepip else f'test -e "{self.folder}/apt-was-here"'} ;;
  *"sys.exit(sys.version_info"*) {"exit 0" if version >= "3.11" else "exit 1"} ;;
  *"version_info[:2]"*) echo {version} ;;
  --version) echo "Python {version}" ;;
  "-m venv"*) mkdir -p .venv/bin
    printf '#!/bin/sh\\ncase "$*" in -m\\ pip\\ --version|-c*) exit 0;; esac\\necho "$@" >> diary\\n' \\
      > .venv/bin/python
    printf '#!/bin/sh\\n' > .venv/bin/gameday
    chmod +x .venv/bin/python .venv/bin/gameday ;;
  *) exec {sys.executable} "$@" ;;
esac""",
        )

    def run(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", str(self.folder / "bootstrap" / "venv.sh")],
            env={"PATH": str(self.programs)},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def diary(self) -> str:
        path = self.folder / "diary"
        return path.read_text() if path.exists() else ""


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_it_installs_from_the_lock_with_hashes_and_then_does_nothing(checkout: Checkout) -> None:
    checkout.python()
    first = checkout.run()
    assert first.returncode == 0, first.stderr
    assert "--require-hashes -r requirements-dev.lock" in checkout.diary
    assert "--no-deps --no-build-isolation --editable ." in checkout.diary
    assert "-m compileall -q chaos" in checkout.diary
    before = checkout.diary
    second = checkout.run()
    assert (second.returncode, second.stdout) == (0, "")
    assert checkout.diary == before


@pytest.mark.parametrize("changed", ["requirements-dev.lock", "pyproject.toml"])
def test_a_changed_lock_or_project_is_installed_anew(checkout: Checkout, changed: str) -> None:
    checkout.python()
    checkout.run()
    before = checkout.diary.count("--require-hashes")
    with (checkout.folder / changed).open("a") as file:
        file.write("# changed\n")
    assert checkout.run().returncode == 0
    assert checkout.diary.count("--require-hashes") == before + 1


def test_an_installation_that_failed_is_tried_again(checkout: Checkout) -> None:
    checkout.python()
    checkout.run()
    (checkout.folder / ".venv" / ".gameday-stamp").unlink()
    before = checkout.diary.count("--require-hashes")
    checkout.run()
    assert checkout.diary.count("--require-hashes") == before + 1


def test_without_ensurepip_a_user_reads_it_in_one_line(checkout: Checkout) -> None:
    checkout.python(ensurepip=False)
    done = checkout.run()
    assert done.returncode == 3
    assert "apt-get install python3.11-venv" in done.stderr
    assert not (checkout.folder / ".venv").exists()


def test_without_ensurepip_root_on_debian_gets_it(checkout: Checkout) -> None:
    checkout.python(ensurepip=False)
    checkout.user(0)
    checkout.program(
        "apt-get", f'case "$*" in *install*python3.11-venv*) : > "{checkout.folder}/apt-was-here";; esac'
    )
    assert checkout.run().returncode == 0
    assert "--require-hashes" in checkout.diary


def test_an_old_python_is_refused_in_one_line(checkout: Checkout) -> None:
    checkout.python(version="3.10")
    done = checkout.run()
    assert done.returncode == 3
    assert "no Python 3.11 or newer" in done.stderr


def test_the_script_is_executable() -> None:
    assert os.access(ROOT / "bootstrap" / "venv.sh", os.X_OK)
