"""A project that gameday did not start: what may be broken in it, and that every fault is undone, also by the
watchdog.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chaos.adapters.attached import AttachedProject, NoLinks
from chaos.adapters.labels import PROJECT_LABEL, OwnershipLabel
from chaos.adapters.stack.watchdog import Watchdog
from chaos.adapters.stack.watchdog_process import listen
from chaos.app.stacks.attached import (
    AttachedFacts,
    AttachedGuard,
    GivenFault,
    attached_context,
    attached_stack,
    project_name,
    undone_afterwards,
)
from chaos.app.stacks.attached_watchdog import undo_faults, undo_once
from chaos.app.stacks.warm import WarmStack, fault_of
from chaos.errors import BadInput, ToolProblem, UndoFailed
from chaos.model.stack import Stack
from chaos.ports import ContainerReading, FaultContext
from chaos.runner.undo import UndoList
from chaos.scenario import LoadedStack, load_stack
from chaos.scenario.compose import ComposeProject
from tests.fake_ports import fault_context
from tests.fakes import FakeContainers, FakeDeployment, fake_deployment
from tests.plugin import ROOT

CALL = {"http": {"service": "web", "method": "GET", "path": "/x"}}
STACK = Stack.model_validate(
    {
        "stack": "shop",
        "services": {"web": {"role": "app"}, "cache": {"role": "redis"}},
        "links": {"clients->web": 80, "web->cache": 6379},
        "levers": {"web.errors": dict.fromkeys(("inject", "revert", "readback", "witness"), CALL)},
    }
)
LOADED = LoadedStack(STACK, Path("/nowhere"), "stack.yaml", ComposeProject({}, (), (), (), (), ()))
MAY_BE: list[tuple[str, dict[str, object]]] = [
    ("container.kill", {"service": "cache"}),
    ("container.stop", {"service": "cache", "grace": "1s"}),
    ("container.pause", {"service": "cache"}),
    ("container.restart", {"service": "cache"}),
    ("container.disconnect", {"service": "cache"}),
    ("lever", {"lever": "web.errors"}),
]


@dataclass
class HeardWatchdog:
    """Keeps what the process would hear."""

    lines: list[str] = field(default_factory=list)

    def guard_undo(self, key: str, text: str) -> None:
        self.lines.append(f"undo {key} {text}\n")

    def forget_undo(self, key: str) -> None:
        self.lines.append(f"undone {key}\n")

    @property
    def standing(self) -> Mapping[str, str]:
        return listen(self.lines).undos


def context_of(fake: FakeDeployment) -> FaultContext:
    """The ports of an attached project over a deployment in memory: no link has a proxy."""
    ports = fault_context(fake)
    attached = attached_context(project_of(fake), ports.clock)
    return replace(attached, repeats=ports.repeats)


def project_of(fake: FakeDeployment) -> AttachedProject:
    ports = cast(Any, fault_context(fake))
    whose = OwnershipLabel(PROJECT_LABEL, "shop")
    return AttachedProject(
        whose, ports.containers, ports.networks, ports.levers, NoLinks(), cast(Any, None), None
    )


def attached(fake: FakeDeployment) -> tuple[WarmStack, HeardWatchdog]:
    heard = HeardWatchdog()
    guard = AttachedGuard(cast(Watchdog, heard))
    warm = attached_stack(LOADED, project_of(fake), guard, fault_context(fake).clock)
    warm.context = context_of(fake)
    warm.undo = UndoList(warm.context, guard.undone)
    return warm, heard


def as_before(fake: FakeDeployment) -> bool:
    up = set(fake.states.values()) == {"running"}
    return up and not (fake.detached or fake.pulled or fake.repeating)


@pytest.mark.parametrize(("kind", "params"), MAY_BE)
async def test_a_fault_of_a_container_or_a_lever_is_proven_and_undone(
    kind: str, params: dict[str, object]
) -> None:
    fake = fake_deployment()
    warm, heard = attached(fake)
    standing = await warm.inject(kind, params)
    assert standing.fault.took_effect(standing.before, standing.during)
    assert heard.standing == {"fault-0": GivenFault(kind=kind, params=params).model_dump_json()}
    await warm.end(standing)
    assert as_before(fake)
    assert heard.standing == {}


@pytest.mark.parametrize(("kind", "params"), MAY_BE)
async def test_another_process_undoes_what_a_killed_one_left(kind: str, params: dict[str, object]) -> None:
    fake = fake_deployment()
    warm, heard = attached(fake)
    await warm.inject(kind, params)
    fake.repeating.clear()  # the loop died with its process
    (text,) = heard.standing.values()
    given = GivenFault.model_validate_json(text)
    await undo_once(context_of(fake), [fault_of(given.kind, given.params, STACK)])
    assert as_before(fake)


class _Stopping(FakeContainers):
    """The engine carries out a stop for a process that is gone: the container ends after some readings."""

    def __init__(self, fake: FakeDeployment, readings: int) -> None:
        super().__init__(fake)
        self.fake, self.left = fake, readings

    async def reading(self, service: str) -> ContainerReading:
        self.left -= 1
        if self.left == 0:
            self.fake.states[service] = "exited"
        return await super().reading(service)


async def test_another_process_waits_for_the_end_of_a_stop_that_a_killed_one_asked_for() -> None:
    fake = fake_deployment()
    context = replace(context_of(fake), containers=_Stopping(fake, readings=20))
    await undo_once(context, [fault_of("container.stop", {"service": "cache"}, STACK)])
    assert as_before(fake)
    assert "start cache" in fake.log


async def test_a_stop_that_never_began_is_waited_for_no_longer_than_its_grace() -> None:
    fake = fake_deployment()
    context = context_of(fake)
    await undo_once(context, [fault_of("container.stop", {"service": "cache", "grace": "30s"}, STACK)])
    assert 30 < context.clock.mono() < 40


async def test_a_project_that_is_closed_twice_stays_as_it_was() -> None:
    """The second Ctrl-C: whatever is raised, everything was undone before."""
    fake = fake_deployment()
    warm, heard = attached(fake)
    await warm.inject("container.kill", {"service": "cache"})
    await warm.inject("container.pause", {"service": "web"})

    async def closing() -> None:
        async with undone_afterwards(warm):
            task = asyncio.current_task()
            assert task is not None
            task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.ensure_future(closing())
    assert as_before(fake)
    assert heard.standing == {}


async def test_it_is_announced_before_it_is_injected() -> None:
    fake = fake_deployment()
    warm, heard = attached(fake)
    said: list[int] = []
    inject = warm.context.containers.kill

    async def kill(service: str, signal: str = "SIGKILL") -> None:
        said.append(len(heard.standing))
        await inject(service, signal)

    cast(Any, warm.context.containers).kill = kill
    await warm.inject("container.kill", {"service": "cache"})
    assert said == [1]


async def test_a_fault_that_could_not_be_undone_stays_with_the_watchdog() -> None:
    fake = fake_deployment()
    warm, heard = attached(fake)
    standing = await warm.inject("container.kill", {"service": "cache"})
    fake.broken = {"start"}
    with pytest.raises(UndoFailed, match="cannot start cache"):
        await warm.end(standing)
    assert list(heard.standing) == ["fault-0"]
    with pytest.raises(ToolProblem, match="cannot start cache"):
        await undo_once(context_of(fake), [standing.fault])


@pytest.mark.parametrize(
    ("kind", "params", "why"),
    [
        ("link.down", {"link": "web->cache"}, "it needs a proxy for web->cache"),
        ("link.latency", {"link": "web->cache", "latency": "1s"}, "it needs a proxy for web->cache"),
        ("container.oom", {"service": "cache"}, "it needs a stack that gameday started"),
        ("redis.readonly", {"service": "cache"}, "it needs a stack that gameday started"),
        (
            "container.kill",
            {"service": "cache", "restart": "engine"},
            "restart: engine needs a helper container",
        ),
    ],
)
async def test_everything_else_is_refused_before_anything_is_touched(
    kind: str, params: dict[str, object], why: str
) -> None:
    fake = fake_deployment()
    warm, heard = attached(fake)
    with pytest.raises(BadInput, match=why) as refused:
        await warm.inject(kind, params)
    assert "use the fixture gameday_stack instead of DockerCompose" in str(refused.value)
    assert (fake.log, heard.lines) == ([], [])


@pytest.mark.parametrize("state", ["exited", "paused", "created"])
async def test_what_somebody_else_stopped_is_not_started_by_an_undo(state: str) -> None:
    fake = fake_deployment()
    fake.states["cache"] = state
    warm, _ = attached(fake)
    with pytest.raises(BadInput, match=f"cache of project shop is {state}"):
        await warm.inject("container.pause", {"service": "cache"})
    assert fake.log == []


def test_the_watchdog_does_nothing_where_no_fault_stands() -> None:
    facts = AttachedFacts(project="shop", stack=STACK, networks={})
    assert undo_faults({"project": facts.model_dump_json()}) == []


def test_the_stack_reaches_the_watchdog_as_it_is() -> None:
    stack = load_stack(ROOT / "stack" / "stack.yaml").stack
    text = AttachedFacts(project="shop", stack=stack, networks={}).model_dump_json()
    assert "\n" not in text
    assert AttachedFacts.model_validate_json(text).stack == stack


@pytest.mark.parametrize(
    ("started", "said"),
    [
        ("shop", "expected a DockerCompose, got str"),
        (SimpleNamespace(get_containers=lambda include_all: []), "DockerCompose has no container"),
        (SimpleNamespace(get_containers=lambda: []), "DockerCompose cannot list its containers"),
    ],
)
def test_a_project_that_is_none_is_refused(started: object, said: str) -> None:
    with pytest.raises((BadInput, ToolProblem), match=said):
        project_name(started)


def test_the_name_of_the_project_is_that_of_its_containers() -> None:
    rows = [SimpleNamespace(Project="shop"), SimpleNamespace(Project="shop")]
    assert project_name(SimpleNamespace(get_containers=lambda include_all: rows)) == "shop"
