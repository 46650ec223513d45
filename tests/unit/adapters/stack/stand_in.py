"""A `docker` that prints a project, and plans for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chaos.model.plan import Plan, ScenarioSource
from chaos.model.scenario import HttpCondition, Scenario, SteadyCondition, TimelineStep
from chaos.model.stack import Stack

SCENARIO = {
    "scenario": "s",
    "stack": "shop",
    "title": "t",
    "severity": "SEV3",
    "timeline": [],
}


def plan_for(
    stack: Stack, root: Path, pace: float = 20, env: dict[str, dict[str, str]] | None = None
) -> Plan:
    steady = SteadyCondition(http=HttpCondition(service="web"))
    step = TimelineStep.model_validate({"at": "1s", "for": "1s", "fault": "none"})
    return Plan(
        scenario=Scenario(
            scenario="s", title="S", stack=stack.stack, steady_state=(steady,), timeline=(step,)
        ),
        source=ScenarioSource(file="s.yaml", sha256=""),
        stack=stack,
        stack_root=str(root),
        pace=pace,
        env=env or {},
        steps=(),
        timeline_seconds=2,
        recovery_limit=20,
        estimate_seconds=60,
    )


def play_compose(folder: Path, project: dict[str, Any], up: str = "exit 0") -> None:
    """A program ``docker`` in ``folder``: ``config`` prints the project, ``up`` runs ``up``."""
    folder.mkdir(exist_ok=True)
    (folder / "project.json").write_text(json.dumps(project))
    script = folder / "docker"
    script.write_text(
        f'#!/bin/sh\ncase "$*" in\n*config*) cat {folder}/project.json;;\n'
        f'*" up "*) {up};;\n*version*) echo 9.9;;\nesac\n'
    )
    script.chmod(0o755)
