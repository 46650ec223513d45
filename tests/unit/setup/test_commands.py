"""A program that does not end in time is ended with everything that it started."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import psutil
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from chaos.setup.commands import TIMED_OUT, run_program

STARTS_A_PLUGIN = """
import subprocess, sys
from pathlib import Path
plugin = subprocess.Popen(["sleep", "600"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
Path(sys.argv[1]).write_text(str(plugin.pid))
plugin.wait()
"""


def test_at_the_deadline_the_plugins_of_a_program_end_too(tmp_path: Path) -> None:
    """docker runs build and compose as processes of their own; a build went on in the background."""
    pid = tmp_path / "pid"
    done = run_program([sys.executable, "-c", STARTS_A_PLUGIN, str(pid)], timeout=3.0)
    assert done.code == TIMED_OUT
    assert "did not end within 3 s" in done.err
    plugin = int(pid.read_text())
    try:
        Retrying(stop=stop_after_delay(5), wait=wait_fixed(0.02), retry=retry_if_result(bool))(runs, plugin)
    finally:
        with suppress(ProcessLookupError):
            os.kill(plugin, signal.SIGKILL)


def runs(pid: int) -> bool:
    """A process that was killed may remain for a moment, and where nothing collects it as a zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_what_a_program_says_and_how_it_ends() -> None:
    done = run_program([sys.executable, "-c", "import sys; print(1); print(2, file=sys.stderr); sys.exit(3)"])
    assert (done.code, done.out, done.err) == (3, "1\n", "2\n")
    given = run_program([sys.executable, "-c", "import os; print(os.environ['GIVEN'])"], env={"GIVEN": "x"})
    assert (given.ok, given.out) == (True, "x\n")
    assert "GIVEN" not in os.environ
