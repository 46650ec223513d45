"""The ``Rollout`` port: Compose creates the containers from the run's own files and one more file with the
differences.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import docker.errors

from chaos.adapters.containers import DockerContainers
from chaos.adapters.engine_calls import call_engine
from chaos.adapters.labels import RUN_LABEL, read_state
from chaos.adapters.overlay.override import EnvironmentValue, Value, override_text
from chaos.adapters.stack.compose_cli import compose
from chaos.adapters.stack.generated_files import write
from chaos.adapters.stack.runtime import StackRuntime
from chaos.errors import ToolProblem
from chaos.model.container_states import ContainerStatus, HealthStatus
from chaos.ports import ContainerReading, NewVersion
from chaos.redaction import redact

COMPOSE_SECONDS = 16.0  # real seconds for one command; seen: 1 to 2 s. An undo has 20 s.
GRACE_SECONDS = 5  # real seconds between SIGTERM and SIGKILL for the container that is replaced
ENGINE_SECONDS = 10.0
DECIDED_SECONDS = 12.0  # real seconds until the health check of a new version has an outcome
LOOK_EVERY = 0.2
_HANDED = "GAMEDAY_FAULT_"
_ENVIRON = "cat /proc/1/environ"
# Short intervals, for a fast outcome; two retries, so that a check that comes too early does not decide.
_CHECKS: Value = {"interval": "1s", "timeout": "2s", "retries": 2, "start_period": "0s"}


class ComposeRollout:
    """Versions of the services of one run. ``on_process`` is called with the process group of each
    command.
    """

    def __init__(
        self,
        runtime: StackRuntime,
        containers: DockerContainers,
        profiles: Sequence[str],
        on_process: Callable[[int], None] = lambda pid: None,
    ) -> None:
        self._runtime = runtime
        self._containers = containers
        self._profiles = tuple(profiles)
        self._on_process = on_process
        self._declared: dict[str, frozenset[str]] = {}  # service -> NAME=VALUE before it was replaced

    async def replace(self, service: str, variables: Mapping[str, str]) -> None:
        self._declared.setdefault(service, await self._variables(service))
        await self._compose(self._up(service), {service: _environment(variables)}, variables)

    async def restore(self, service: str) -> None:
        if service in self._declared:
            await self._compose(self._up(service), {}, {})

    async def replaced(self, service: str) -> bool:
        return service in self._declared and await self._variables(service) != self._declared[service]

    async def environment(self, service: str) -> Mapping[str, str] | None:
        """Needs ``sh``, ``cat`` and ``stat`` in the container. It reads as the user of the main process:
        another user may not.
        """
        if (await self._containers.reading(service)).state != ContainerStatus.RUNNING:
            return None
        user = await self._containers.execute(service, ["stat", "-c", "%u", "/proc/1"], ENGINE_SECONDS)
        seen = await self._containers.execute(
            service, ["sh", "-c", _ENVIRON], ENGINE_SECONDS, user=user.stdout_text.strip()
        )
        if seen.exit_code != 0:
            raise ToolProblem(
                f"cannot read the environment of {service}: expected `sh`, `cat` and `stat` in the "
                f"container; {seen.printed_text.strip()[:200]}"
            )
        pairs = (entry.partition("=") for entry in seen.stdout_text.split("\0") if entry)
        return {name: value for name, _, value in pairs}

    async def add(self, service: str, version: NewVersion) -> None:
        if (await self.added(service)).state != ContainerStatus.GONE:
            return
        if version.image is not None:
            await self._must_have(version.image)
        body: dict[str, Value] = {"healthcheck": _CHECKS, **_environment(version.variables)}
        if version.image is not None:
            body["image"] = version.image
        words = ["run", "--detach", "--no-deps", "-T", "--name", self._name(service), service]
        await self._compose([*words, *version.command], {service: body}, version.variables)
        await self._decided(service)

    async def remove(self, service: str) -> None:
        def remove() -> None:
            found = self._find(service)
            if found is not None:
                self._api.remove_container(found["Id"], v=True, force=True)

        await call_engine(f"remove the new version of {service}", remove, ENGINE_SECONDS)

    async def added(self, service: str) -> ContainerReading:
        def read() -> ContainerReading:
            found = self._find(service)
            return ContainerReading(ContainerStatus.GONE) if found is None else read_state(found["State"])

        return await call_engine(f"read the state of the new version of {service}", read, ENGINE_SECONDS)

    async def _decided(self, service: str) -> None:
        """Wait until the health check of the new version has passed or failed."""
        ends = time.monotonic() + DECIDED_SECONDS
        while (seen := await self.added(service)).health in (HealthStatus.STARTING, ""):
            if seen.state != ContainerStatus.RUNNING:
                return  # it ended, or was removed: the witness reports that
            if not seen.health:
                raise ToolProblem(
                    f"the new version of {service} has no health check; give the service a `healthcheck:` in "
                    "the compose file"
                )
            if time.monotonic() > ends:
                raise ToolProblem(
                    f"the health check of the new version of {service} had no outcome within "
                    f"{DECIDED_SECONDS:g} s"
                )
            await asyncio.sleep(LOOK_EVERY)

    async def _must_have(self, image: str) -> None:
        def look() -> None:
            try:
                self._api.inspect_image(image)
            except docker.errors.ImageNotFound:
                raise ToolProblem(
                    f"there is no image {image} on this machine; pull or build it first"
                ) from None

        await call_engine(f"look for the image {image}", look, ENGINE_SECONDS)

    def _up(self, service: str) -> list[str]:
        return [
            *("up", "--detach", "--no-deps", "--no-build", "--pull", "never"),
            *("--timeout", str(GRACE_SECONDS), service),
        ]

    async def _compose(
        self, words: Sequence[str], services: Mapping[str, Value], variables: Mapping[str, str]
    ) -> None:
        """One command on the run's project, with ``services`` merged onto it. The values of ``variables``
        are in no file: Compose reads them from its own environment.
        """
        prepared = self._runtime.prepared
        project = prepared.files(self._profiles)
        if services:
            more = prepared.override.with_name(f"fault-{'-'.join(services)}.yaml")
            await asyncio.to_thread(write, more, override_text({"services": services}))
            project = replace(project, files=(*project.files, more))
        handed = {**prepared.handed, **{_HANDED + name: value for name, value in variables.items()}}
        ended = False
        try:
            done = await compose(
                self._runtime.engine,
                replace(project, handed=handed),
                words,
                COMPOSE_SECONDS,
                self._on_process,
            )
            ended = done.code == 0
        finally:
            if not ended:
                self._runtime.unsettle()
        if done.code != 0:
            what = f"docker compose {words[0]} of {(services and ', '.join(services)) or words[-1]}"
            said = " / ".join(redact(done.err, prepared.secrets).strip().splitlines()[-3:])
            how = f"exited {done.code}: {said}" if done.code is not None else "was killed at its deadline"
            raise ToolProblem(f"{what} {how}")

    async def _variables(self, service: str) -> frozenset[str]:
        """As the engine lists them. Compose's own hash of a service does not serve: it differs by how Compose
        was called (``--no-deps``).
        """

        def read(found: Mapping[str, Any]) -> frozenset[str]:
            return frozenset(found["Config"].get("Env") or ())

        return await self._containers.inspect(service, "read the variables of", read)

    @property
    def _api(self) -> Any:
        return self._runtime.client.api

    def _name(self, service: str) -> str:
        return f"{self._runtime.prepared.project}-{service}-next"

    def _find(self, service: str) -> Mapping[str, Any] | None:
        """The container of the new version; only one that carries the label of this run."""
        try:
            found: Mapping[str, Any] = self._api.inspect_container(self._name(service))
        except docker.errors.NotFound:
            return None
        if (found["Config"]["Labels"] or {}).get(RUN_LABEL) != self._runtime.prepared.run_id:
            raise ToolProblem(f"refused to touch container {self._name(service)}: it is not part of this run")
        return found


def _environment(variables: Mapping[str, str]) -> dict[str, Value]:
    return (
        {"environment": {name: EnvironmentValue(_HANDED + name) for name in variables}} if variables else {}
    )
