"""A project that ``testcontainers.compose.DockerCompose`` has started, for tests that break it.

gameday removes nothing of it. What it broke is undone: by the test process, or by the watchdog when that was
killed.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaos.adapters.attached import AttachedProject, attached_project, services_of
from chaos.adapters.engine_connection import connect
from chaos.adapters.networks import Attachment
from chaos.adapters.stack.watchdog import Watchdog
from chaos.app.stacks.warm import WarmStack, quiet_plan
from chaos.engine import local_engine
from chaos.errors import BadInput, Problem, ToolProblem, UndoFailed, foreign_errors
from chaos.files import make_folder
from chaos.kinds import Fault
from chaos.model.base import Frozen
from chaos.model.container_states import ContainerStatus
from chaos.model.stack import Stack
from chaos.ports import FaultContext, Originals
from chaos.runner.repeats import TaskRepeater
from chaos.runner.undo import UndoList
from chaos.scenario import LoadedStack
from chaos.timeline.events import FaultReverted
from chaos.timing import Clock, SystemClock

WATCHDOG = "chaos.app.stacks.attached_watchdog"
INSTEAD = "use the fixture gameday_stack instead of DockerCompose: gameday then starts the project itself"
PROJECT, FAULT = "project", "fault-"  # keys of the watchdog's entries


class AttachedFacts(Frozen):
    """What another process needs to reach the project, and to reattach containers to their networks."""

    project: str
    stack: Stack
    networks: dict[str, tuple[Attachment, ...]]


class GivenFault(Frozen):
    """A fault as a test wrote it."""

    kind: str
    params: dict[str, Any]


@dataclass(frozen=True)
class AttachedGuard:
    """Keeps the watchdog informed of the faults that are in place."""

    watchdog: Watchdog
    reverted: list[FaultReverted] = field(default_factory=list)

    def standing(self, index: int, kind: str, params: Mapping[str, object]) -> None:
        """Call before the injection. Raises ``ToolProblem`` if the watchdog does not run."""
        plain = json.loads(json.dumps(dict(params), default=str))
        self.watchdog.guard_undo(f"{FAULT}{index}", GivenFault(kind=kind, params=plain).model_dump_json())

    def undone(self, event: FaultReverted) -> None:
        """The watchdog keeps an undo that failed, and tries it again if this process is killed."""
        self.reverted.append(event)
        if event.ok:
            self.watchdog.forget_undo(f"{FAULT}{event.index}")


@asynccontextmanager
async def open_attached(loaded: LoadedStack, project: str, reports: Path) -> AsyncIterator[WarmStack]:
    """The project as it runs now; its faults are undone afterwards, even if this process is killed.

    Raises ``BadInput`` for a project that is not there, ``EnvironmentProblem``, ``UndoFailed``.
    """
    engine = local_engine(os.environ)
    client = connect(engine)
    make_folder(reports)
    watchdog = Watchdog.start(reports, engine, WATCHDOG)
    try:
        services = services_of(project, client)
        attached = attached_project(project, loaded.stack, client)
        attachments = {name: await attached.networks.attachments(name) for name in services}
        facts = AttachedFacts(project=project, stack=loaded.stack, networks=attachments)
        watchdog.guard_undo(PROJECT, facts.model_dump_json())
        warm = attached_stack(loaded, attached, AttachedGuard(watchdog), SystemClock())
        async with undone_afterwards(warm):
            try:
                yield warm
            finally:
                if attached.metrics is not None:
                    await attached.metrics.close()
    finally:
        watchdog.done()
        client.close()


@asynccontextmanager
async def undone_afterwards(warm: WarmStack) -> AsyncIterator[None]:
    """Afterwards nothing is in place, even if the caller was cancelled; ``UndoFailed`` if something is."""
    try:
        yield
    finally:
        try:
            await warm.undo.revert_all()
        finally:
            if warm.undo.failed:
                raise UndoFailed("; ".join(warm.undo.failed))


def attached_stack(
    loaded: LoadedStack, attached: AttachedProject, guard: AttachedGuard, clock: Clock
) -> WarmStack:
    """The stack that tests break. ``guard`` records each fault before it is injected."""

    async def admit(fault: Fault) -> None:
        await refuse_unfit(fault, attached)

    context = attached_context(attached, clock)
    undo = UndoList(context, guard.undone)
    plan = quiet_plan(loaded, 1.0)
    name = attached.whose.value
    return WarmStack(plan, name, attached, context, undo, guard.reverted, admit, guard.standing)


async def refuse_unfit(fault: Fault, attached: AttachedProject) -> None:
    """Raises ``BadInput`` for a kind of fault that needs a stack of gameday's own, and for a service that
    does not run: the undo would start a service that its owner stopped.
    """
    if why := fault.attached_problem():
        message = f"gameday cannot inject this fault into a project that it did not start: {why}"
        raise BadInput([Problem.about(fault.fault, message, INSTEAD)])
    for service in fault.services():
        state = (await attached.containers.reading(service)).state
        if state != ContainerStatus.RUNNING:
            message = f"{service} of {attached.whose} is {state}; gameday only breaks running containers"
            raise BadInput([Problem.about(fault.fault, message, "start it first")])


def attached_context(attached: AttachedProject, clock: Clock) -> FaultContext:
    """What faults may touch in an attached project: containers, their networks, and levers."""
    absent: Any = _Absent()
    return FaultContext(
        containers=attached.containers,
        links=attached.links,
        levers=attached.levers,
        networks=attached.networks,
        clock=clock,
        repeats=TaskRepeater(clock),
        originals=Originals(),
        storage=absent,
        limits=absent,
        disks=absent,
        rollout=absent,
        traffic=absent,
        names=absent,
        http=absent,
        redis=absent,
        postgres=absent,
    )


class _Absent:
    """Stands for a port that an attached project lacks; ``refuse_unfit`` refuses faults that need it."""

    def __getattr__(self, name: str) -> Any:
        raise ToolProblem(f"{name}: not available in a project that gameday did not start")


def project_name(started: object) -> str:
    """The name of the project that a ``DockerCompose`` has started. ``BadInput`` for anything else, and for
    a ``DockerCompose`` that is not started.
    """
    expected = "return a started testcontainers.compose.DockerCompose"
    find = getattr(started, "get_containers", None)
    if not callable(find):
        message = f"expected a DockerCompose, got {type(started).__name__}"
        raise BadInput([Problem.about("gameday_project", message, expected)])
    with foreign_errors("gameday_project: DockerCompose cannot list its containers"):
        names = {one.Project for one in find(include_all=True)} - {None}
    if len(names) != 1:
        message = f"it has several projects: {names}" if names else "DockerCompose has no container"
        raise BadInput([Problem.about("gameday_project", message, expected)])
    return str(names.pop())
