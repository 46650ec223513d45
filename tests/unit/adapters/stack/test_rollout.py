"""What Compose is asked for, and what its failure means; `docker` and the engine are stand-ins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import docker.errors
import pytest

from chaos.adapters.stack.rollout import ComposeRollout
from chaos.adapters.stack.runtime import StackRuntime
from chaos.engine import EngineAddress
from chaos.errors import ToolProblem
from chaos.ports import CommandOutput, ContainerReading, NewVersion
from tests.unit.adapters.overlay.specimens import shop, stack
from tests.unit.adapters.stack.stand_in import plan_for, play_compose
from tests.unit.adapters.stack.test_runtime import Engine

SECRETIVE = {"LEVEL": "it's $5"}


class OneOffs(Engine):
    """An engine that has, or has not, the container of a new version."""

    def __init__(self, state: Mapping[str, Any] | None = None, run: str = "abc123") -> None:
        super().__init__()
        self.state = state
        self.run = run
        self.removed: list[str] = []

    def inspect_container(self, name: str) -> Mapping[str, Any]:
        if self.state is None:
            raise docker.errors.NotFound("no such container")
        return {"Id": name, "Config": {"Labels": {"gameday.run": self.run}}, "State": self.state}

    def inspect_image(self, name: str) -> Mapping[str, Any]:
        raise docker.errors.ImageNotFound("no such image")

    def remove_container(self, identity: str, v: bool, force: bool) -> None:
        self.removed.append(identity)


class Containers:
    """The container of a service: its variables as the engine lists them, and what a command prints."""

    def __init__(self, *outputs: CommandOutput, state: str = "running") -> None:
        self.variables = ["LEVEL=low"]
        self.outputs = list(outputs)
        self.state = state
        self.users: list[str] = []

    async def inspect(self, service: str, verb: str, work: Callable[[Mapping[str, Any]], Any]) -> Any:
        return work({"Config": {"Env": self.variables}})

    async def reading(self, service: str) -> ContainerReading:
        return ContainerReading(self.state)

    async def execute(self, service: str, argv: list[str], timeout: float, user: str = "") -> CommandOutput:
        self.users.append(user)
        return self.outputs.pop(0)


async def rollout(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    does: str = "exit 0",
    containers: Containers | None = None,
    engine: OneOffs | None = None,
) -> ComposeRollout:
    """``docker compose up`` does ``does``; the words and variables of each call are in ``folder/said``."""
    play_compose(folder / "bin", shop(), up=f"echo $* >> {folder}/said; env >> {folder}/said; {does}")
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:/usr/bin:/bin")
    (folder / "docker-compose.yml").write_text("{}")
    plan, client = plan_for(stack(), folder), cast(Any, engine or OneOffs())
    runtime = StackRuntime(
        plan, folder / "run", "abc123", EngineAddress(), client=client, private=folder / "private"
    )
    await runtime.prepare()
    return ComposeRollout(runtime, cast(Any, containers or Containers()), ())


async def test_a_value_is_handed_to_compose_and_stands_in_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_run = await rollout(tmp_path, monkeypatch)
    await of_run.replace("db", SECRETIVE)
    said = (tmp_path / "said").read_text()
    assert "up --detach --no-deps --no-build --pull never --timeout 5 db" in said
    assert "fault-db.yaml" in said
    assert "GAMEDAY_FAULT_LEVEL=it's $5" in said.splitlines()
    files = [path.read_text() for path in (tmp_path / "run").rglob("*") if path.is_file()]
    assert not any("it's" in text for text in files)
    assert any("${GAMEDAY_FAULT_LEVEL}" in text for text in files)


async def test_what_was_not_replaced_is_not_restored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_run = await rollout(tmp_path, monkeypatch)
    await of_run.restore("db")
    assert not (tmp_path / "said").exists()
    assert not await of_run.replaced("db")


async def test_the_restore_is_read_back_from_the_variables_that_the_engine_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    containers = Containers()
    of_run = await rollout(tmp_path, monkeypatch, containers=containers)
    await of_run.replace("db", SECRETIVE)
    containers.variables = ["LEVEL=it's $5"]
    assert await of_run.replaced("db")
    await of_run.restore("db")
    assert "fault-db.yaml" not in (tmp_path / "said").read_text().splitlines()[-1]
    assert await of_run.replaced("db"), "Compose did nothing"
    containers.variables = ["LEVEL=low"]
    assert not await of_run.replaced("db")


async def test_a_failure_of_compose_is_reported_and_the_teardown_looks_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_run = await rollout(tmp_path, monkeypatch, does="echo no such network >&2; exit 4")
    with pytest.raises(ToolProblem, match="up of db exited 4: no such network"):
        await of_run.replace("db", SECRETIVE)
    assert not of_run._runtime._settled


async def test_the_environment_is_read_as_the_user_of_the_main_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = CommandOutput(0, b"LEVEL=a=b\0EMPTY=\0")
    containers = Containers(CommandOutput(0, b"999\n"), printed)
    of_run = await rollout(tmp_path, monkeypatch, containers=containers)
    assert await of_run.environment("db") == {"LEVEL": "a=b", "EMPTY": ""}
    assert containers.users == ["", "999"]


async def test_without_the_programs_nothing_is_proven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = CommandOutput(127, printed=b"sh: cat: not found")
    of_run = await rollout(tmp_path, monkeypatch, containers=Containers(lacking, lacking))
    with pytest.raises(ToolProblem, match="`cat`"):
        await of_run.environment("db")
    stopped = await rollout(tmp_path, monkeypatch, containers=Containers(state="exited"))
    assert await stopped.environment("db") is None


@pytest.mark.parametrize(
    ("state", "reading"),
    [
        (None, ContainerReading("gone")),
        ({"Status": "running", "Health": {"Status": "unhealthy"}}, ContainerReading("running", "unhealthy")),
        ({"Status": "running", "Health": {"Status": "none"}}, ContainerReading("running")),
        ({"Status": "running"}, ContainerReading("running")),
    ],
)
async def test_the_new_version_is_read_from_the_engine(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    state: Mapping[str, Any] | None,
    reading: ContainerReading,
) -> None:
    engine = OneOffs(state)
    of_run = await rollout(tmp_path, monkeypatch, engine=engine)
    assert await of_run.added("web") == reading
    await of_run.remove("web")
    assert engine.removed == ([] if state is None else ["gameday-abc123-web-next"])


async def test_the_container_of_another_run_is_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = OneOffs({"Status": "running"}, run="other")
    of_run = await rollout(tmp_path, monkeypatch, engine=engine)
    with pytest.raises(ToolProblem, match="not part of this run"):
        await of_run.remove("web")
    assert engine.removed == []


async def test_an_image_that_is_not_here_is_not_pulled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_run = await rollout(tmp_path, monkeypatch)
    with pytest.raises(ToolProblem, match="no image web:2 on this machine"):
        await of_run.add("web", NewVersion({}, "web:2"))
