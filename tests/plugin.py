"""A fresh environment with gameday and the example package of ``examples/plugin``, made without a network."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLUGIN = ROOT / "examples" / "plugin"
SCENARIO = "examples/plugin/scenarios/redis-suspended.yaml"


def fresh_environment(folder: Path) -> Path:
    """The interpreter of an environment of its own, which has the plug-in installed.

    gameday and what it needs are those of this environment, found through a .pth file.
    """
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    python = folder / "venv" / "bin" / "python"
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = folder / "venv" / "lib" / name / "site-packages"
    (site / "gameday.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT}\n")
    source = shutil.copytree(PLUGIN, folder / "plugin")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", *options, str(source)]
    subprocess.run(command, check=True, timeout=120)
    return python


def gameday(python: Path, *words: str, timeout: float = 60.0) -> subprocess.CompletedProcess[str]:
    """``gameday`` of that environment, run in the root of the repository."""
    command = [str(python), "-m", "chaos", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False)
