"""Runs side by side share nothing that exists only once on this computer."""

from __future__ import annotations

import asyncio
import io
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chaos.app import run_all as running
from chaos.app import side_by_side
from chaos.app.command_context import CommandContext
from chaos.app.run_all import RunOptions, run_all
from chaos.app.run_service import RunBackend
from chaos.app.side_by_side import refuse_shared
from chaos.app.slots import FixedSlots
from chaos.errors import BadInput, EnvironmentProblem
from chaos.model.plan import Plan
from chaos.model.stack import Stack
from chaos.runner import RunPorts
from chaos.scenario.compose import ComposeService, read_compose
from tests.service import backend, toy_in

HOST_NETWORK = "services: {web: {image: w}, agent: {image: a, network_mode: host}}\n"


def toy(folder: Path, compose: str = "services: {web: {image: w}}\n", **of_the_stack: Any) -> Plan:
    plan = toy_in(folder)
    (folder / "docker-compose.yml").write_text(compose, encoding="utf-8")
    stack = plan.stack.model_copy(update={"compose": "docker-compose.yml", **of_the_stack})
    return plan.model_copy(update={"stack": stack, "stack_root": str(folder)})


@pytest.mark.parametrize(
    ("of_the_stack", "named"),
    [
        ({"use_as_is": ["bind ./pgdata"]}, "/pgdata"),
        ({"use_as_is": ["volume uploads"]}, "volume uploads"),
        ({"use_as_is": ["network outer"]}, "network outer"),
        ({"expose": {"web": 8080}}, "port 8080"),
        ({"compose": HOST_NETWORK}, "network_mode: host"),
        ({"compose": HOST_NETWORK.replace("host", "'container:vpn'")}, "container:vpn"),
    ],
)
def test_two_runs_that_share_something_are_refused_side_by_side(
    tmp_path: Path, of_the_stack: dict[str, Any], named: str
) -> None:
    one = toy(tmp_path, **of_the_stack)
    with pytest.raises(BadInput, match=f"2 runs side by side would share .*{named}") as caught:
        refuse_shared([one, one], 2)
    assert "--jobs auto" in str(caught.value)
    refuse_shared([one], 2)
    refuse_shared([one, one], 1)
    refuse_shared([one, one], None)


def test_two_stacks_with_things_of_their_own_may_run_side_by_side(tmp_path: Path) -> None:
    one = toy(tmp_path / "one", use_as_is=["bind ./pgdata"], expose={"web": 8080})
    other = toy(tmp_path / "other", use_as_is=["bind ./pgdata"], expose={"web": 8081})
    refuse_shared([one, other], 2)


def test_a_service_of_an_inactive_profile_shares_nothing(tmp_path: Path) -> None:
    one = toy(tmp_path, HOST_NETWORK.replace("host}", "host, profiles: [debug]}"))
    refuse_shared([one, one], 2)
    active = one.scenario.model_copy(update={"profiles": ("debug",)})
    with pytest.raises(BadInput, match="network_mode: host"):
        refuse_shared([one.model_copy(update={"scenario": active})] * 2, 2)


def context_in(folder: Path) -> CommandContext:
    env = {"DOCKER_HOST": f"unix://{folder}/no.sock"}
    return CommandContext(out=io.StringIO(), err=io.StringIO(), env=env, cwd=folder)


async def test_a_run_command_refuses_them_before_anything_starts(tmp_path: Path) -> None:
    one = toy(tmp_path, use_as_is=["bind ./pgdata"])
    with pytest.raises(BadInput, match="pgdata"):
        await run_all([one, one], tmp_path / "reports", RunOptions(2), context_in(tmp_path))
    assert not (tmp_path / "reports").exists()


class Counted(AbstractAsyncContextManager[RunPorts]):
    """Counts the runs that are preparing their stack at once; then no stack can be prepared."""

    def __init__(self) -> None:
        self.running = self.at_once = 0

    async def __aenter__(self) -> RunPorts:
        self.running += 1
        self.at_once = max(self.at_once, self.running)
        for _turn in range(200):  # turns of the event loop, in which the other run may begin
            await asyncio.sleep(0)
        self.running -= 1
        raise EnvironmentProblem("enough was seen")

    async def __aexit__(self, *_: object) -> None:
        return None


@pytest.mark.parametrize(("as_is", "most"), [(["bind ./pgdata"], 1), ([], 2)])
async def test_with_auto_they_run_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_is: list[str], most: int
) -> None:
    counted = Counted()

    async def no_secrets(plan: Plan) -> tuple[str, ...]:
        return ()

    ready = replace(backend(lambda *_: counted), find_secrets=no_secrets)
    monkeypatch.setattr(RunBackend, "on", lambda _: ready)
    monkeypatch.setattr(running, "MeasuredSlots", lambda _: FixedSlots(2))
    one = toy(tmp_path, use_as_is=as_is)
    await run_all([one, one], tmp_path / "reports", RunOptions(None), context_in(tmp_path))
    assert counted.at_once == most


def test_a_project_of_many_scenarios_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, read = toy(tmp_path, HOST_NETWORK), list[Path]()

    def counted(stack: Stack, root: Path) -> dict[str, ComposeService]:
        read.append(root)
        return read_compose(stack, root)

    monkeypatch.setattr(side_by_side, "read_compose", counted)
    with pytest.raises(BadInput, match="network_mode: host"):
        refuse_shared([one] * 5, 2)
    assert len(read) == 1
