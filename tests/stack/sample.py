"""Which whole scenarios CI runs: a sample that rotates with the commit, so that each one's turn comes.

A scenario takes part once a run of it that passed is kept (``tests/corpus/suites``). ``make chaos`` runs all.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
# The drill has tests of its own; drafts were never seen to pass; game days are no scenarios.
NO_SUITES = ("drill", "drafts", "gameday")
SIZE = 10


def all_scenarios(root: Path = ROOT) -> tuple[str, ...]:
    """Paths below ``root``, in alphabetical order."""
    files = sorted((root / "scenarios").glob("*/*.yaml"))
    return tuple(str(file.relative_to(root)) for file in files if file.parent.name not in NO_SUITES)


def proven(root: Path = ROOT) -> tuple[str, ...]:
    """Those that were seen to pass: their runs are kept."""
    runs = root / "tests" / "corpus" / "suites"
    return tuple(path for path in all_scenarios(root) if (runs / f"{Path(path).stem}.tar.xz").exists())


def commit(root: Path = ROOT) -> str:
    """The commit that is checked out; outside a Git checkout a constant."""
    asked = ["git", "-C", str(root), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=False)
    except FileNotFoundError:
        return "no git"
    return done.stdout.strip() if done.returncode == 0 else "no commit"


def sample(everything: Sequence[str], seed: str, size: int = SIZE) -> tuple[str, ...]:
    """``size`` of them, in alphabetical order. The same seed always gives the same ones."""
    return tuple(sorted(random.Random(seed).sample(list(everything), min(size, len(everything)))))


def announcement() -> str:
    """For the head of the test output."""
    seed = commit()
    return f"whole scenarios of commit {seed[:12]}: {', '.join(sample(proven(), seed))}"
