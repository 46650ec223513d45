"""What ``--json`` prints, and that a shell can complete gameday's words."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chaos.app import json_output
from chaos.app.command_context import CommandContext
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.cli import main
from chaos.errors import ExitCode

ROOT = Path(__file__).parents[3]
COUNTER = str(ROOT / "examples" / "counter" / "scenarios" / "redis-down.yaml")


def said(*words: str) -> tuple[int, Any]:
    out = io.StringIO()
    code = main(words, CommandContext(out=out, err=io.StringIO(), cwd=ROOT))
    return code, json.loads(out.getvalue())


def test_validate_lists_what_is_well_and_what_is_wrong(tmp_path: Path) -> None:
    code, document = said("validate", COUNTER, "--json")
    assert (code, document["valid"], len(document["files"])) == (0, True, 1)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("scenario: x\n")
    code, document = said("validate", str(wrong), "--json")
    assert (code, document["valid"]) == (4, False)
    assert {"file", "line", "column", "message", "fix"} == set(document["problems"][0])


def test_a_plan_is_what_a_run_folder_holds() -> None:
    code, document = said("plan", COUNTER, "--json")
    assert code == 0
    assert document["plans"][0]["scenario"]["scenario"] == "redis-down"


def test_a_run_that_could_not_be_judged_has_no_outcome() -> None:
    nothing = RunOutcome.nothing("redis-down", ExitCode.HARNESS, "no engine")
    document = json.loads(json_output.runs([nothing], ExitCode.HARNESS))
    assert (document["schema_version"], document["exit_code"]) == (1, 3)
    assert document["runs"][0]["outcome"] is None
    assert document["runs"][0]["messages"] == ["no engine"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script(shell: str) -> None:
    out = io.StringIO()
    assert main(["completion", shell], CommandContext(out=out)) == 0
    assert "gameday" in out.getvalue()


@pytest.mark.processes
def test_a_shell_completes_a_command(tmp_path: Path) -> None:
    """As argcomplete's script asks: by the environment, with the answer in a file."""
    found = tmp_path / "found"
    asked = {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(found),
        "COMP_LINE": "gameday pref",
        "COMP_POINT": "12",
    }
    command = [
        sys.executable,
        "-c",
        "import sys; sys.argv[0] = 'gameday'; from chaos.cli import main; main()",
    ]
    subprocess.run(command, env=os.environ | asked, timeout=60, check=False)
    assert found.read_text().strip() == "preflight"
