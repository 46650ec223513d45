"""The tests of the counter example, as its users run them, on real containers; and what a kill leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tenacity import retry, retry_if_result, stop_after_delay, wait_fixed

from chaos.adapters.engine_connection import connect
from chaos.adapters.labels import RUN_LABEL
from tests.engines import here
from tests.stack.harness import ROOT

pytestmark = pytest.mark.containers

COUNTER = ROOT / "examples" / "counter"
HANGS = """
import time

def test_is_killed_here(gameday):
    with gameday.fault("container.pause", service="redis"):
        print("RUN", gameday.warm.run_id, flush=True)
        time.sleep(600)
"""


def pytest_of_counter(*words: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words]


def wait_until(condition: Callable[[], bool], within: float) -> None:
    """Fails after so many seconds."""
    look = retry(stop=stop_after_delay(within), wait=wait_fixed(0.2), retry=retry_if_result(lambda x: not x))
    look(condition)()


def test_the_example_of_the_tutorial_passes() -> None:
    done = subprocess.run(pytest_of_counter("-q"), cwd=COUNTER, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


def test_a_killed_test_process_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_hangs.py").write_text(HANGS)
    words = pytest_of_counter("-s", "-q", "-c", str(COUNTER / "pytest.ini"), "--rootdir", str(COUNTER))
    log = tmp_path / "output.txt"
    with log.open("w") as out:
        process = subprocess.Popen(
            [*words, str(tmp_path / "test_hangs.py")],
            cwd=COUNTER,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        wait_until(lambda: "RUN " in log.read_text() or process.poll() is not None, 120)
        assert process.poll() is None, log.read_text()
        run_id = log.read_text().partition("RUN ")[2].split()[0]
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    label = {"label": f"{RUN_LABEL}={run_id}"}
    client = connect(here())
    wait_until(lambda: not client.containers.list(all=True, filters=label, ignore_removed=True), 60)
    wait_until(lambda: not client.networks.list(filters=label), 30)
