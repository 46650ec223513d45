"""The files that other repositories use in their CI: they call commands that exist, and a value that a person
types into a form never becomes an option.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
STUB = """#!/bin/sh
for word; do printf '%s\\n' "$word"; done >> "$SEEN"
echo >> "$SEEN"
"""
HOSTILE = "--again=x scenarios/a.yaml"


@pytest.mark.parametrize("file", ["action.yml", ".pre-commit-hooks.yaml", "docs/ci/gitlab.yml"])
def test_files_for_other_peoples_ci_call_commands_that_exist(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert yaml.safe_load(text)
    verbs = {"validate", "images", "run", "clean"}
    called = [re.search(r"gameday\"? (\w+)", line) for line in text.splitlines() if _calls(line)]
    used = {found[1] for found in called if found}
    assert used
    assert used <= verbs


def _calls(line: str) -> bool:
    return "/bin/gameday" in line or line.strip().startswith("entry: gameday")


def _step(name: str) -> str:
    steps = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
    return str(next(step["run"] for step in steps if step["name"] == name))


def _gitlab() -> str:
    job = yaml.safe_load((ROOT / "docs/ci/gitlab.yml").read_text(encoding="utf-8"))[".gameday"]
    return "\n".join([*job["script"], *job["after_script"]])


def _calls_of(script: str, folder: Path, **variables: str) -> list[list[str]]:
    """The words of each call of gameday, which a stub writes down."""
    seen = folder / "seen"
    for place in (folder / "gameday" / "bin", folder / ".gameday-venv" / "bin"):
        place.mkdir(parents=True)
        stub = place / "gameday"
        stub.write_text(STUB)
        stub.chmod(0o755)
    own = {"SEEN": str(seen), "RUNNER_TEMP": str(folder), "GITHUB_STEP_SUMMARY": str(folder / "summary")}
    done = subprocess.run(
        ["bash", "-e", "-c", script], cwd=folder, env=os.environ | own | variables, timeout=60, check=False
    )
    assert done.returncode == 0
    return [call.splitlines() for call in seen.read_text().split("\n\n") if call]


def test_a_value_of_the_action_is_never_an_option(tmp_path: Path) -> None:
    given = {"SCENARIOS": HOSTILE, "PACE": "20", "REPORTS": "reports"}
    (call,) = _calls_of(_step("Run the scenarios"), tmp_path, **given)
    assert call == ["run", "--pace", "20", "--reports", "reports", "--", *HOSTILE.split()]


def test_a_variable_of_the_gitlab_job_is_never_an_option(tmp_path: Path) -> None:
    given = {"GAMEDAY_SCENARIOS": HOSTILE, "GAMEDAY_STACK": "--source=build", "GAMEDAY_PACE": "20"}
    assert _calls_of(_gitlab(), tmp_path, **given) == [
        ["images", "--", "--source=build"],
        ["run", "--pace", "20", "--", *HOSTILE.split()],
        ["clean"],
    ]
