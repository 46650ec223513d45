"""The ``Containers`` port over the Docker SDK.

It only touches a container that has both the label of this run and the compose label of the service. It
asks the engine for the labels and checks its answer again. It refuses everything else with ``ToolProblem``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any, TypeVar

import docker
import docker.errors

from chaos.adapters.container_commands import run_in_container
from chaos.adapters.crashes import crash
from chaos.adapters.engine_calls import EngineChange, call_engine
from chaos.adapters.labels import RUN_LABEL, SERVICE_LABEL, OwnershipLabel, is_one_off, read_state
from chaos.errors import ToolProblem
from chaos.model.container_states import ContainerStatus
from chaos.ports import CommandOutput, ContainerReading
from chaos.sources import Usage

DEADLINE = 10.0  # real seconds for one call to the engine; a kill takes 0.1 s, a start 0.3 s
LIVE_STATES = (ContainerStatus.RUNNING, ContainerStatus.PAUSED, ContainerStatus.RESTARTING)

T = TypeVar("T")


class DockerContainers:
    """Containers of one run, by service. It refuses a service with several containers: the caller does not
    say which one to use.
    """

    def __init__(
        self,
        run_id: str,
        engine: docker.DockerClient,
        deadline: float = DEADLINE,
        threads: Executor | None = None,
        whose: OwnershipLabel | None = None,
    ) -> None:
        """``threads``: where calls to the engine wait; a call that hangs there delays no other work.
        ``whose``: the owner of the containers that may be touched, if not the run.
        """
        self._threads = threads
        self._run_id = run_id
        self._whose = whose or OwnershipLabel(RUN_LABEL, run_id)
        self._api = engine.api
        self._deadline = deadline
        self._changes: dict[str, EngineChange[Any]] = {}  # service -> the last one

    async def kill(self, service: str, signal: str = "SIGKILL") -> None:
        def change(found: _InspectedContainer) -> None:
            if found.state in LIVE_STATES:
                self._api.kill(found.id, signal=signal)

        await self._strike(service, f"send {signal} to", change)

    async def crash(self, service: str) -> None:
        """Uses a container of the service's own image in the engine's process namespace: the engine treats a
        kill through its API as a stop by hand, and would not restart the container.
        """

        def change(found: _InspectedContainer) -> None:
            crash(self._api, self._run_id, service, found.description)

        await self._strike(service, "crash", change)

    async def stop(self, service: str, grace: float) -> None:
        """``grace``: real seconds between SIGTERM and SIGKILL; the engine knows whole seconds only, so it
        is rounded up.
        """

        def change(found: _InspectedContainer) -> None:
            if found.state in LIVE_STATES:
                self._api.stop(found.id, timeout=math.ceil(grace))

        await self._strike(service, "stop", change, extra=math.ceil(grace))

    async def start(self, service: str) -> None:
        def change(found: _InspectedContainer) -> None:
            if found.state not in LIVE_STATES:
                self._api.start(found.id)

        await self._strike(service, "start", change)

    async def restart(self, service: str, grace: float) -> None:
        """``grace`` as for ``stop``."""
        seconds = math.ceil(grace)

        def change(found: _InspectedContainer) -> None:
            self._api.restart(found.id, timeout=seconds)

        await self._strike(service, "restart", change, extra=seconds)

    async def pause(self, service: str) -> None:
        def change(found: _InspectedContainer) -> None:
            if found.state != ContainerStatus.PAUSED:
                self._api.pause(found.id)

        await self._strike(service, "pause", change)

    async def unpause(self, service: str) -> None:
        def change(found: _InspectedContainer) -> None:
            if found.state == ContainerStatus.PAUSED:
                self._api.unpause(found.id)

        await self._strike(service, "unpause", change)

    async def reading(self, service: str) -> ContainerReading:
        def read() -> ContainerReading:
            found = self._find(service)
            return found.reading if found else ContainerReading(ContainerStatus.GONE)

        return await self._bounded(f"read the state of {service}", read)

    async def execute(
        self, service: str, argv: Sequence[str], timeout: float, user: str = ""
    ) -> CommandOutput:
        """Run a command inside the service's container; see ``run_in_container``.

        ``timeout`` in real seconds. ``user``: by default that of the container. A command that takes
        longer is left running in the container, and ``ToolProblem`` raised.
        """

        def run() -> CommandOutput:
            found = self._must_find(service, "run a command in")
            return run_in_container(self._api, found.id, argv, timeout, user)

        return await self._bounded(f"run {argv[0]} in {service}", run, limit=timeout)

    async def launch(self, service: str, argv: Sequence[str], user: str = "") -> str:
        """Start a command inside the service's container and do not wait for its end. Its output is lost.

        Returns what ``runs`` asks for. ``user``: by default that of the container.
        """

        def start() -> str:
            found = self._must_find(service, "run a command in")
            job: str = self._api.exec_create(found.id, list(argv), user=user)["Id"]
            self._api.exec_start(job, detach=True)
            return job

        return await self._bounded(f"start {argv[0]} in {service}", start)

    async def runs(self, job: str) -> bool:
        """Does a launched command still run?"""

        def look() -> bool:
            try:
                return bool(self._api.exec_inspect(job)["Running"])
            except docker.errors.NotFound:
                return False  # the engine forgot it when the container started again

        return await self._bounded("ask for a command in a container", look)

    async def inspect(self, service: str, verb: str, work: Callable[[Mapping[str, Any]], T]) -> T:
        """What ``work`` returns for the engine's description of the container; ``work`` may call the engine.

        ``verb`` completes "cannot". Raises ``ToolProblem``, as for a container that is not of this run.
        """
        return await self._bounded(
            f"{verb} {service}", lambda: work(self._must_find(service, verb).description)
        )

    async def change(self, service: str, verb: str, work: Callable[[Mapping[str, Any]], T]) -> T:
        """As ``inspect``, for work that changes the container: one change of a service after the other."""
        return await self._strike(service, verb, lambda found: work(found.description))

    async def usage(self, service: str) -> Usage:
        """Memory and processor time as the engine accounts for them. ``ToolProblem`` unless it runs."""

        def read() -> Usage:
            found = self._must_find(service, "read the usage of")
            stats = self._api.stats(found.id, stream=False, one_shot=True)
            memory, cpu = stats.get("memory_stats", {}), stats.get("cpu_stats", {})
            if "usage" not in memory:
                raise ToolProblem(f"cannot read the usage of {service}: its container is not running")
            return Usage(int(memory["usage"]), cpu["cpu_usage"]["total_usage"] / 1e9)

        return await self._bounded(f"read the usage of {service}", read)

    async def log(self, service: str, last: int) -> tuple[str, ...]:
        """The last lines of its log, from both streams, oldest first."""

        def read() -> tuple[str, ...]:
            found = self._must_find(service, "read the log of")
            raw: bytes = self._api.logs(found.id, tail=last)
            return tuple(raw.decode(errors="replace").splitlines())

        return await self._bounded(f"read the log of {service}", read)

    async def _strike(
        self, service: str, verb: str, change: Callable[[_InspectedContainer], T], extra: float = 0.0
    ) -> T:
        """First waits for the end of the last change of the service. Otherwise a start would do nothing
        because the container still runs, and the stop whose caller gave up would then end it.
        """
        while (last := self._changes.get(service)) is not None and not last.ended:
            await last.over()

        def act() -> T:
            return change(self._must_find(service, verb))

        begun = EngineChange(f"{verb} {service}", act, self._deadline + extra, self._threads)
        self._changes[service] = begun
        return await begun.result()

    def _must_find(self, service: str, verb: str) -> _InspectedContainer:
        found = self._find(service)
        if found is None:
            raise ToolProblem(
                f"cannot {verb} {service}: {self._whose} has no container of that service; "
                "gameday never touches containers without its label"
            )
        return found

    def _find(self, service: str) -> _InspectedContainer | None:
        wanted = {self._whose.label: self._whose.value, SERVICE_LABEL: service}
        rows = self._api.containers(all=True, filters=self._whose.filters(service))
        ids = [row["Id"] for row in rows if not is_one_off(row)]
        if not ids:
            return None
        if len(ids) > 1:
            raise ToolProblem(
                f"{service} has {len(ids)} containers in {self._whose}; exactly one was expected"
            )
        try:
            found = _InspectedContainer(self._api.inspect_container(ids[0]))
        except docker.errors.NotFound:
            return None  # removed between the two calls
        labels = {name: found.labels.get(name) for name in wanted}
        if labels != wanted:
            raise ToolProblem(
                f"refused to touch container {found.id[:12]}: it carries {labels}, expected {wanted}"
            )
        return found

    async def _bounded(self, what: str, work: Callable[[], T], limit: float | None = None) -> T:
        return await call_engine(what, work, self._deadline if limit is None else limit, self._threads)


class _InspectedContainer:
    """The engine's description of one container, read once."""

    def __init__(self, inspected: dict[str, Any]) -> None:
        self.description = inspected
        self.id: str = inspected["Id"]
        self.labels: dict[str, str] = inspected["Config"]["Labels"] or {}
        self.reading = read_state(inspected["State"])
        self.state = self.reading.state
