"""Two processes of the harness at once know nothing of each other; and one whose port is taken starts
nothing.
"""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest

from tests.stack.harness import COUNTER, ROOT, Harness, belongings, gameday
from tests.stack.judged import all_passed

pytestmark = pytest.mark.containers
RUN_LIMIT = 300.0  # seconds: a run at pace 20 takes about one minute on two cores
SLOW = "examples/counter/scenarios/redis-slow.yaml"


def test_two_processes_run_the_same_scenario_at_once(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one = Harness(tmp_path / "one" / "reports", COUNTER)
    two = Harness(tmp_path / "two" / "reports", COUNTER, SLOW)
    for ended in (one.end(RUN_LIMIT), two.end(RUN_LIMIT)):
        all_passed(ended.folders, ended.code, ended.output)
        assert [belongings(folder.name.rsplit("-", 1)[-1]) for folder in ended.folders] == [[]] * len(
            ended.folders
        )
    assert (len(one.folders()), len(two.folders())) == (1, 2)


def test_a_port_that_is_taken_is_three_and_leaves_no_run(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "counter", tmp_path / "counter")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        facts = tmp_path / "counter" / "stack.yaml"
        facts.write_text(f"{facts.read_text()}\nexpose: {{web: {port}}}\n")
        scenario = tmp_path / "counter" / "scenarios" / "redis-down.yaml"
        done = gameday("run", str(scenario), "--reports", str(tmp_path / "reports"))
    assert done.returncode == 3, done.stdout + done.stderr
    assert f"port {port} on 127.0.0.1 is in use" in done.stderr
    assert "Traceback" not in done.stderr
    assert "ABORTED" not in done.stdout
    assert list((tmp_path / "reports").iterdir()) == []
