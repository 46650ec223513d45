"""``gameday run --warm`` on real containers: a later run takes a stack over, and a kill leaves nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chaos.adapters.engine_connection import connect
from chaos.adapters.labels import OWNER_LABEL, RUN_LABEL
from chaos.journal.reader import load_recording
from chaos.timeline.events import StackLeft
from tests.engines import here
from tests.stack.harness import ROOT
from tests.stack.judged import passed
from tests.stack.test_pytest_plugin import wait_until

pytestmark = pytest.mark.containers

SCENARIO = """
scenario: {name}
title: The way to Redis is closed
stack: counter
load: {{profile: visitors, rate: 20/s}}
steady_state: [{{http: {{service: web, path: /healthz, status: 200}}}}]
timeline: [{{at: 1m, fault: link.down, link: web->redis, for: {hold}}}]
expect:
  degradation: [{{request: GET /, while: fault, status: 503}}]
"""


def test_of_two_stacks_a_third_run_takes_one_over_and_a_kill_leaves_nothing(tmp_path: Path) -> None:
    project, reports = tmp_path / "counter", tmp_path / "reports"
    shutil.copytree(ROOT / "examples" / "counter", project)
    shutil.rmtree(project / "scenarios")
    (project / "scenarios").mkdir()
    for name, hold in (("a-short", "5m"), ("b-short", "5m"), ("c-long", "1h")):
        (project / "scenarios" / f"{name}.yaml").write_text(SCENARIO.format(name=name, hold=hold))
    words = [sys.executable, "-m", "chaos", "run", "--warm", "--jobs", "2", str(project)]
    words += ["--reports", str(reports)]
    log = tmp_path / "output.txt"
    with log.open("w") as out:
        process = subprocess.Popen(words, stdout=out, stderr=out, cwd=tmp_path, start_new_session=True)
    try:
        wait_until(lambda: _in_the_last_fault(log.read_text()) or process.poll() is not None, 240)
        assert process.poll() is None, log.read_text()
        stays = [folder for folder in reports.glob("*-short-*") if not _removed(folder)]
        assert len(_stacks_of(process.pid)) == len(stays), "one in use, the other waits for a run"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    wait_until(lambda: not _stacks_of(process.pid), 60)
    (last,) = reports.glob("*-c-long-*")
    (before,) = json.loads((last / "plan.json").read_text())["warm_after"]
    (first,) = reports.glob(f"*-short-{before}")
    passed(first, log.read_text())
    assert "warm_after" not in json.loads((first / "verdict.json").read_text())
    (left,) = load_recording(first).of(StackLeft)
    assert (left.kept, left.differences) == (True, ())


def _removed(folder: Path) -> bool:
    """Did this run not leave its stack as it was? On a slow machine its clients may not be well in time."""
    return any(not left.kept for left in load_recording(folder).of(StackLeft))


def _stacks_of(pid: int) -> set[str]:
    """The stacks that a process of gameday has started, whatever other runs do beside it."""
    found = connect(here()).api.containers(all=True, filters={"label": RUN_LABEL})
    return {one["Labels"][RUN_LABEL] for one in found if one["Labels"][OWNER_LABEL].startswith(f"{pid}:")}


def _in_the_last_fault(output: str) -> bool:
    return "inject" in output.partition("c-long +")[2]
