"""Several processes write to one history: it holds every run once, and no process waits for ever."""

from __future__ import annotations

import os
import signal
import sqlite3
from multiprocessing import get_context
from pathlib import Path

import pytest

from chaos.history import FILE_NAME, HistoryDamaged, open_history
from tests.past_runs import a_measure, a_run

pytestmark = pytest.mark.processes
EACH = 10


def write(path: str, gate: object, numbers: list[int]) -> None:
    """Runs in another process. Opens the history for each run, as ``gameday run`` does."""
    gate.wait()  # type: ignore[attr-defined]  # a Barrier of multiprocessing, which has no public type
    for number in numbers:
        try:
            history = open_history(Path(path))
        except HistoryDamaged:  # the file was renamed; the next opening creates a new one
            history = open_history(Path(path))
        with history:
            history.keep([a_run(number, float(number), a_measure())])


@pytest.mark.parametrize("before", [None, b"damaged"], ids=["both make it", "both find it damaged"])
def test_two_processes_at_once_lose_nothing(tmp_path: Path, before: bytes | None) -> None:
    path = tmp_path / FILE_NAME
    if before is not None:
        path.write_bytes(before)
    context = get_context("spawn")
    gate = context.Barrier(2)
    mine, theirs = list(range(EACH)), list(range(EACH - 5, 2 * EACH))  # five runs are written by both
    workers = [context.Process(target=write, args=(str(path), gate, part)) for part in (mine, theirs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0]
    with open_history(path) as history:
        runs = history.runs()
    assert [run.score for run in runs] == [float(number) for number in range(2 * EACH)]
    assert all(len(run.measures) == 1 for run in runs)
    aside = [item.read_bytes() for item in tmp_path.glob(f"{FILE_NAME}.damaged-*")]
    assert aside == ([] if before is None else [before])  # only the damaged file was renamed


def die_writing(path: str) -> None:
    """Runs in another process, which is killed while half of a transaction is in the file."""
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA cache_size = 1")  # SQLite then writes changed pages before the commit
    raw.execute("BEGIN IMMEDIATE")
    raw.execute("DELETE FROM runs")
    raw.executemany(
        "INSERT INTO drills (drill, began, grade, certifiable, folder) VALUES (?, 1, '', 1, ?)",
        [(str(number), "y" * 500) for number in range(1000)],
    )
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_writer_that_is_killed_halfway_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    kept = tuple(a_run(number, 50.0, a_measure()) for number in range(20))
    with open_history(path) as history:
        history.keep(kept)
    whole = path.read_bytes()
    worker = get_context("spawn").Process(target=die_writing, args=(str(path),))
    worker.start()
    worker.join(60)
    assert worker.exitcode == -signal.SIGKILL
    assert path.read_bytes() != whole
    with open_history(path) as history:
        assert history.runs() == kept
        assert history.drills() == ()
