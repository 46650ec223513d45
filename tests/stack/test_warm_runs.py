"""``gameday run --warm`` on real containers: a second run takes the stack over, and a kill leaves nothing."""

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


def test_the_second_run_takes_the_stack_over_and_a_kill_leaves_nothing(tmp_path: Path) -> None:
    project, reports = tmp_path / "counter", tmp_path / "reports"
    shutil.copytree(ROOT / "examples" / "counter", project)
    shutil.rmtree(project / "scenarios")
    (project / "scenarios").mkdir()
    for name, hold in (("a-short", "5m"), ("b-long", "1h")):
        (project / "scenarios" / f"{name}.yaml").write_text(SCENARIO.format(name=name, hold=hold))
    words = [sys.executable, "-m", "chaos", "run", "--warm", str(project), "--reports", str(reports)]
    log = tmp_path / "output.txt"
    with log.open("w") as out:
        process = subprocess.Popen(words, stdout=out, stderr=out, cwd=tmp_path, start_new_session=True)
    try:
        wait_until(lambda: _in_the_second_fault(log.read_text()) or process.poll() is not None, 240)
        assert process.poll() is None, log.read_text()
        assert _of(process.pid), "the shared stack runs"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    wait_until(lambda: not _of(process.pid), 60)
    (first,), (second,) = (list(reports.glob(f"*-{name}-*")) for name in ("a-short", "b-long"))
    passed(first, log.read_text())
    assert "warm_after" not in json.loads((first / "verdict.json").read_text())
    (left,) = load_recording(first).of(StackLeft)
    assert (left.kept, left.differences) == (True, ())
    plan = json.loads((second / "plan.json").read_text())
    assert plan["warm_after"] == [first.name.rpartition("-")[2]]


def _of(pid: int) -> list[str]:
    """The containers that a process of gameday has started, whatever other runs do beside it."""
    found = connect(here()).api.containers(all=True, filters={"label": RUN_LABEL})
    return [one["Id"] for one in found if one["Labels"][OWNER_LABEL].startswith(f"{pid}:")]


def _in_the_second_fault(output: str) -> bool:
    return "inject" in output.partition("b-long +")[2]
