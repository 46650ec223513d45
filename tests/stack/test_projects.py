"""A project that is not gameday's own, taken up as a newcomer would, from the wheel in an environment that
has nothing else; another project with each commit.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.adapters.engine_connection import connect
from chaos.adapters.labels import RUN_LABEL
from tests.built_wheel import built_wheel, installed_alone
from tests.engines import here
from tests.projects.check import PROJECTS, Step, copied, taken_up
from tests.stack.judged import all_passed
from tests.stack.sample import commit, sample

pytestmark = pytest.mark.containers

# One of five and one scenario: `python -m tests.projects.check` does all of it in about 20 minutes.
(CHOSEN,) = sample(PROJECTS, commit(), 1)


def test_a_newcomer_gets_from_a_compose_file_to_a_verdict(tmp_path: Path) -> None:
    before = _of_runs()
    python = installed_alone(built_wheel(tmp_path / "wheel"), tmp_path / "environment")
    folder = copied(CHOSEN, tmp_path)
    steps = taken_up(CHOSEN, folder, ("kill",), python)
    failed = [
        f"{' '.join(step.words)}: exit code {step.code}\n{step.output}"
        for step in steps
        if not step.ok and not _too_slow(step, folder / "reports")
    ]
    assert not failed, "\n".join(failed)
    assert steps[-1].words[:2] == ("pytest", "-p")
    assert _of_runs() <= before, "nothing of it is left"


def _too_slow(step: Step, reports: Path) -> bool:
    """Is it unknown how the step would have ended, because this machine was too slow?"""
    command = step.words[1]
    if command == "preflight":
        return step.code == 2 and "this machine stood still" in step.output
    runs = tuple(path.parent for path in reports.glob("*/plan.json"))
    return command == "run" and step.code == 2 and not all_passed(runs, step.code, step.output)


def _of_runs() -> set[str]:
    labelled = {"label": RUN_LABEL}
    listed = connect(here()).containers.list(all=True, filters=labelled, ignore_removed=True)
    return {one.id for one in listed}
