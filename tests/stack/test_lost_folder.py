"""A run folder that vanishes while a run goes on: exit code 3, a message, and nothing is left behind."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos.errors import ExitCode
from tests.stack.harness import COUNTER, Harness, await_gone

pytestmark = pytest.mark.containers


def run_deleted(run: Path) -> None:
    shutil.rmtree(run, ignore_errors=True)


def reports_moved_behind_a_link(run: Path) -> None:
    run.parent.rename(run.parent.with_name("moved"))
    run.parent.symlink_to(run.parent.with_name("moved"))


@pytest.mark.parametrize("happens", [run_deleted, reports_moved_behind_a_link])
def test_a_run_whose_folder_vanishes_is_a_failure_and_is_undone(
    tmp_path: Path, happens: Callable[[Path], None]
) -> None:
    harness = Harness(tmp_path / "reports", COUNTER)
    harness.await_event("fault_injected")
    run_id, (folder,) = harness.run_id(), harness.folders()
    happens(folder)
    ended = harness.end(120)
    assert ended.code == ExitCode.HARNESS, ended.output
    assert "is no longer reliable" in ended.output
    assert "PASS" not in ended.output
    await_gone(run_id, 1)
