"""A harness that is killed in the middle: its watchdog removes all of it, and cleaning then finds nothing."""

from __future__ import annotations

import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest

from chaos.adapters.engine_connection import connect
from chaos.adapters.stack.leftovers import find_runs
from chaos.adapters.stack.sweep import belongings, remove_run
from chaos.adapters.stack.watchdog_process import PATIENCE_SECONDS
from tests.contract.boxes import wait_until
from tests.contract.small_stack import write_project
from tests.engines import here

pytestmark = pytest.mark.containers

WORKER = "com.docker.compose.service=worker"
PROMISED = 20.0  # seconds from the kill until nothing is left, on a machine that does not stand still
TICK = 0.05


@pytest.fixture
def run_id() -> Iterator[str]:
    chosen = secrets.token_hex(3)
    yield chosen
    remove_run(connect(here()), chosen, 30, quiet_rounds=2)


def victim(tmp_path: Path, run_id: str) -> subprocess.Popen[str]:
    project = write_project(tmp_path / "project")
    (tmp_path / "run").mkdir()
    return subprocess.Popen(
        [sys.executable, "-m", "tests.contract.stack_victim", str(project), str(tmp_path / "run"), run_id],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def wait_for(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    assert process.stdout.readline().strip() == word


def in_its_start(process: subprocess.Popen[str], exists: Callable[[], bool]) -> None:
    wait_for(process, "guarded")
    wait_until(exists, "the first container or network of the start")


def in_a_fault(process: subprocess.Popen[str], exists: Callable[[], bool]) -> None:
    """A paused container is the hardest to remove."""
    for word in ("guarded", "up"):
        wait_for(process, word)
    run_id = cast(list[str], process.args)[-1]
    (paused,) = connect(here()).containers.list(filters={"label": [f"gameday.run={run_id}", WORKER]})
    paused.pause()


def in_its_teardown(process: subprocess.Popen[str], exists: Callable[[], bool]) -> None:
    for word in ("guarded", "up"):
        wait_for(process, word)
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()
    wait_for(process, "down")
    process.send_signal(signal.SIGSTOP)  # else it could be done before the kill
    assert exists()


@contextmanager
def standstill() -> Iterator[Callable[[], float]]:
    """How many seconds the machine stood still since the start of the block: by how much a thread that only
    waits woke late. The watchdog and the engine could not work in that time either.
    """
    late: list[float] = []
    over = threading.Event()

    def tick() -> None:
        before = time.monotonic()
        while not over.wait(TICK):
            now = time.monotonic()
            late.append(max(0.0, now - before - TICK))
            before = now

    ticker = threading.Thread(target=tick)
    ticker.start()
    try:
        yield lambda: sum(late)
    finally:
        over.set()
        ticker.join()


@pytest.mark.parametrize("moment", [in_its_start, in_a_fault, in_its_teardown])
def test_killed_in_the_middle_nothing_is_left(
    moment: Callable[[subprocess.Popen[str], Callable[[], bool]], None], tmp_path: Path, run_id: str
) -> None:
    client = connect(here())
    process = victim(tmp_path, run_id)
    try:
        moment(process, lambda: bool(belongings(client, run_id)))
    finally:
        process.kill()
        process.communicate()
    killed = time.monotonic()
    log = tmp_path / "run" / "watchdog.log"
    with standstill() as stood_still:
        wait_until(
            lambda: log.exists() and "left: nothing" in log.read_text(),
            "the watchdog has removed everything",
            within=PATIENCE_SECONDS,
        )
        took = time.monotonic() - killed
        assert took - stood_still() < PROMISED, f"{took:.1f} s, of which {stood_still():.1f} s stood still"
    assert not belongings(client, run_id)
    assert run_id not in {run.run_id for run in find_runs(client)}


def test_one_that_ends_well_leaves_no_watchdog_and_no_log(tmp_path: Path, run_id: str) -> None:
    process = victim(tmp_path, run_id)
    out, _ = process.communicate("\n", timeout=120)
    assert out.split() == ["guarded", "up", "down", "clean"]
    assert not (tmp_path / "run" / "watchdog.log").exists()
    assert not belongings(connect(here()), run_id)
