"""How long a user waits before the command line does anything, beside a bare interpreter and two peers."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.table import print_table

TIMES = 7
BIN = Path(sys.executable).parent


def commands() -> list[tuple[str, list[str]]]:
    """What is compared; a peer that is not installed is left out and said so by its absence."""
    gameday = str(BIN / "gameday")
    scenarios = sorted(str(path) for path in Path("scenarios").glob("*/*.yaml"))
    found = [
        ("python -c pass (the floor)", [sys.executable, "-c", "pass"]),
        ("gameday --help", [gameday, "--help"]),
        ("gameday kinds", [gameday, "kinds"]),
    ]
    if scenarios:
        found.append((f"gameday validate ({len(scenarios)} scenarios)", [gameday, "validate", *scenarios]))
    found.append(("peer: locust --version", [str(BIN / "locust"), "--version"]))
    if docker := shutil.which("docker"):
        found.append(("peer: docker compose version", [docker, "compose", "version"]))
    return found


@dataclass(frozen=True)
class Call:
    wall: float  # seconds
    cpu: float  # seconds of this process, whatever else the machine does
    code: int


def call(argv: list[str]) -> Call:
    """One call, its output thrown away."""
    began = time.perf_counter()
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Call(time.perf_counter() - began, used.ru_utime + used.ru_stime, process.returncode)


def measure() -> None:
    rows = []
    for name, argv in commands():
        call(argv)  # the first one reads from the disk
        calls = [call(argv) for _ in range(TIMES)]
        codes = sorted({one.code for one in calls})
        rows.append(
            [
                name,
                f"{statistics.median(one.cpu for one in calls) * 1000:.0f} ms",
                f"{statistics.median(one.wall for one in calls) * 1000:.0f} ms",
                f"{min(one.wall for one in calls) * 1000:.0f} ms",
                "" if codes == [0] else f"exit {', '.join(map(str, codes))}",
            ]
        )
    head = ["command", "CPU, median", "wall, median", "wall, best", ""]
    print_table(f"Cold start of the command line, {TIMES} calls", head, rows)
