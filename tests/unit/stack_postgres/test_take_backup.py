"""Once a backup is taken, any instant can be restored: it says so only when its own second is over."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

BIN = Path(__file__).parents[3] / "stack" / "postgres" / "bin"
# A clock in a file, in tenths of a second, that only `sleep` moves on.
TOOLS = {
    "id": "echo 999",
    "date": "echo $(($(cat ROOT/clock) / 10))",
    "sleep": "[ $1 = 0.1 ] && echo $(($(cat ROOT/clock) + 1)) > ROOT/clock",
    "pgbackrest": """echo "$*" >> ROOT/asked
[ "$1" = backup ] || exit 0
cp ROOT/clock ROOT/stopped
exit $(cat ROOT/code)""",
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    (tmp_path / "code").write_text("0")
    for name, text in TOOLS.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{text.replace('ROOT', str(tmp_path))}\n")
        (tmp_path / "bin" / name).chmod(0o755)
    return tmp_path


def take(site: Path, *words: str) -> int:
    env = {"PATH": f"{site / 'bin'}:{BIN}:{os.environ['PATH']}", "PGDATA": str(site / "data")}
    return subprocess.run(
        [str(BIN / "take-backup"), *words], env=env, capture_output=True, check=False, timeout=30
    ).returncode


@pytest.mark.parametrize("clock", [1000, 1004, 1009])
def test_the_second_in_which_the_backup_stopped_is_over_when_it_returns(site: Path, clock: int) -> None:
    (site / "clock").write_text(f"{clock}\n")
    assert take(site) == 0
    stopped, returned = (int((site / name).read_text()) // 10 for name in ("stopped", "clock"))
    assert (stopped, returned) == (100, 101)
    assert (site / "asked").read_text().splitlines()[-1].startswith("backup --type=full")


def test_one_that_fails_says_so_at_once(site: Path) -> None:
    (site / "clock").write_text("1004\n")
    (site / "code").write_text("56")
    assert take(site, "diff") == 56
    assert (site / "clock").read_text() == "1004\n"
