"""A stepped clock for fault injection on gameday: every process sees another wall clock, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import tests.self_chaos

CLOCK = Path(tests.self_chaos.__file__).parent / "stepped_clock"
PROGRAM = """
import sys, time
wall, mono = time.time(), time.monotonic()
sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.readline()
print(time.time() - wall, time.monotonic() - mono, time.time_ns() / 1e9 - wall)
"""


def test_a_process_sees_its_wall_clock_step_and_its_monotonic_clock_go_on(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    env = {**os.environ, "PYTHONPATH": str(CLOCK), "SELF_CHAOS_CLOCK": str(file)}
    with subprocess.Popen(
        [sys.executable, "-P", "-c", PROGRAM],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        file.write_text("-3600", encoding="utf-8")
        process.stdin.write("\n")
        process.stdin.flush()
        wall, mono, nanoseconds = map(float, process.stdout.read().split())
    assert mono >= 0
    assert wall - mono < -3590
    assert nanoseconds - mono < -3590


def test_without_a_file_nothing_steps(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(CLOCK), "SELF_CHAOS_CLOCK": str(tmp_path / "none")}
    program = "import time; print(time.time() - time.clock_gettime(time.CLOCK_REALTIME))"
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True
    )
    assert abs(float(done.stdout)) < 60
