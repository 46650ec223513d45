"""The wheel of this checkout, and an environment that has it and its pinned packages and nothing else."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]


def built_wheel(into: Path) -> Path:
    """Build the wheel with the pinned build tool; nothing is fetched."""
    _done(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(into))
    (built,) = into.glob("*.whl")
    return built


def installed_alone(wheel: Path, into: Path) -> Path:
    """The interpreter of a new environment in ``into``: the wheel, and its packages as the lock pins them."""
    venv.create(into, with_pip=True)
    python = into / "bin" / "python"
    pip = (str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input")
    _done(*pip, "--require-hashes", "-r", str(ROOT / "requirements.lock"))
    _done(*pip, "--no-deps", str(wheel))
    return python


def _done(*words: str) -> None:
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
