"""Several gamedays write one history at once: every run is there, each once, and nothing waits for ever."""

from __future__ import annotations

from multiprocessing import get_context
from pathlib import Path

import pytest

from chaos.history import FILE_NAME, open_history
from tests.past_runs import a_measure, a_run

EACH = 10


def write(path: str, gate: object, numbers: list[int]) -> None:
    """Another process: every run on a connection of its own, as ``gameday run`` does it."""
    gate.wait()  # type: ignore[attr-defined]  # a Barrier of multiprocessing, which has no public type
    for number in numbers:
        with open_history(Path(path)) as history:
            history.keep([a_run(number, float(number), a_measure())])


@pytest.mark.parametrize("there_already", [False, True], ids=["all make it", "it is there"])
def test_two_processes_at_once_lose_nothing(tmp_path: Path, there_already: bool) -> None:
    path = tmp_path / FILE_NAME
    if there_already:
        open_history(path).close()
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
    assert [item.name for item in tmp_path.iterdir() if not item.name.endswith(".lock")] == [FILE_NAME]
