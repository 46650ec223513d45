"""What a run stores of its plan."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, cast

import pytest

from chaos.app import running
from chaos.app.running import _run_one
from chaos.app.world import World
from chaos.errors import ExitCode
from chaos.faults.container_kill import ContainerKill
from tests.stage import plan

KILL = ContainerKill.model_validate({"at": "2s", "for": "10s", "fault": "container.kill", "service": "cache"})


@pytest.mark.parametrize(
    ("file", "said", "unsaid"),
    [
        ("toy.yaml", "RuntimeError: a slip\ngameday: toy: this is a defect of gameday itself", "mend:"),
        ("gone.yaml", "gameday: toy: scenario and plan cannot be kept in", "Traceback"),
    ],
    ids=["a slip of ours", "a file that is gone"],
)
async def test_whatever_breaks_one_run_is_told_and_leaves_the_others_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, said: str, unsaid: str
) -> None:
    (tmp_path / "toy.yaml").write_text("scenario: toy\n", encoding="utf-8")
    toy = plan(KILL)
    toy = toy.model_copy(update={"source": toy.source.model_copy(update={"file": str(tmp_path / file)})})

    def slip(*_: object) -> None:
        raise RuntimeError("a slip")

    monkeypatch.setattr(running, "run_needs", slip)
    err = io.StringIO()
    world = World(out=io.StringIO(), err=err, env={}, cwd=tmp_path)
    nobody = cast(Any, None)
    display = cast(Any, type("Display", (), {"show": None}))
    done = await _run_one(toy, tmp_path / "reports", nobody, display, world)
    assert done.code is ExitCode.HARNESS
    assert said in err.getvalue()
    assert unsaid not in err.getvalue()
