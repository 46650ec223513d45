"""The operator of a run: which commands it gives, and in what environment. Real ones: tests/contract."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, cast

import pytest

from chaos.adapters.stack import operator as operator_module
from chaos.adapters.stack.operator import OUTPUT_BYTES, StackOperator
from chaos.adapters.stack.runtime import StackRuntime
from chaos.engine import EngineAddress
from chaos.errors import BadInput, ToolProblem
from chaos.model.stack import HttpCall
from chaos.ports import LeverAnswer
from tests.unit.adapters.overlay.specimens import shop, stack
from tests.unit.adapters.stack.stand_in import plan_for, play_compose
from tests.unit.adapters.stack.test_compose_cli import until_gone
from tests.unit.adapters.stack.test_runtime import Engine

pytestmark = pytest.mark.thorough


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("COMPOSE_PROJECT_NAME", "somebody-else")
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "docker-compose.yml").write_text("{}")
    return folder


def nowhere(service: str, port: int | None) -> str:
    raise ToolProblem(f"{service} is published nowhere")


async def operator(root: Path, does: str = "env | sort; pwd") -> StackOperator:
    """What ``docker compose up`` prints is what ``does`` prints."""
    play_compose(root.parent / "bin", shop(), up=does)
    made = StackRuntime(
        plan_for(stack(redact=["TOKEN"]), root),
        root.parent / "run",
        "abc123",
        EngineAddress(),
        client=cast(Any, Engine({})),
        private=root.parent / "private",
    )
    await made.prepare()
    return StackOperator(made, ("drill", "weekly"), nowhere)


UP = ["docker", "compose", "up", "-d"]


async def test_a_command_finds_the_run_s_files_project_and_profiles(root: Path) -> None:
    ran = await (await operator(root)).run(UP, 20)
    assert ran.code == 0
    said = dict(line.partition("=")[::2] for line in ran.output.splitlines())
    override = root.parent / "run" / "generated" / "compose.override.yaml"
    assert said["COMPOSE_FILE"] == f"{root / 'docker-compose.yml'}{os.pathsep}{override}"
    assert said["COMPOSE_PROJECT_NAME"] == "gameday-abc123"
    assert said["COMPOSE_PROFILES"] == "drill,weekly"
    assert ran.output.splitlines()[-1] == str(root)


@pytest.mark.parametrize(
    "line",
    [
        "docker ps",
        "docker compose",
        "podman compose up",
        "docker compose -p other down",
        "docker compose --project-directory=/ down",
        "sh -c docker compose up",
    ],
)
async def test_any_other_command_is_refused(root: Path, line: str) -> None:
    with pytest.raises(BadInput, match="refused to run"):
        await (await operator(root)).run(line.split(), 20)


async def test_both_streams_are_reported_without_secrets(root: Path) -> None:
    ran = await (await operator(root, "echo one; echo two s3cret >&2; echo three; exit 4")).run(UP, 20)
    assert (ran.code, ran.output) == (4, "one\ntwo [redacted]\nthree\n")


async def test_of_a_long_output_the_end_is_reported(root: Path) -> None:
    ran = await (await operator(root, "seq 1 60000")).run(UP, 60)
    assert len(ran.output) == OUTPUT_BYTES
    assert ran.output.endswith("59999\n60000\n")


async def test_one_that_takes_too_long_is_killed_with_what_it_started(root: Path) -> None:
    slow = await operator(root, "sleep 30 & echo $!; sleep 30")
    ran = await slow.run(UP, 0.5)
    assert ran.code is None
    await until_gone(int(ran.output.split()[0]))


@pytest.mark.parametrize(("does", "settled"), [("exit 0", True), ("exit 1", False), ("sleep 30", False)])
async def test_after_one_that_was_cut_short_the_teardown_looks_longer(
    root: Path, does: str, settled: bool
) -> None:
    made = await operator(root, does)
    await made.run(UP, 1.0 if does.startswith("sleep") else 20)
    assert made._runtime._settled is settled


async def test_a_question_without_an_answer_does_not_hold(root: Path) -> None:
    answer = await (await operator(root)).ask(HttpCall(service="web"))
    assert (answer.holds, answer.detail) == (False, "web is published nowhere")


async def test_an_answer_is_reported_without_secrets(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def echo(*_: object) -> LeverAnswer:
        return LeverAnswer(False, "GET web/ answered 403: s3cret is wrong")

    monkeypatch.setattr(operator_module, "request", echo)
    answer = await (await operator(root)).ask(HttpCall(service="web"))
    assert (answer.holds, answer.detail) == (False, "GET web/ answered 403: [redacted] is wrong")
