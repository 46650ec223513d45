"""The ports that change a whole stack, over a ``tests.fakes.FakeDeployment``."""

from __future__ import annotations

from collections.abc import Mapping

from chaos.errors import ToolProblem
from chaos.model.stack import LinkName
from chaos.ports import ContainerReading, NewVersion, Spike
from chaos.timing import Clock
from tests.fakes import FakeDeployment

ORDINARY = 4000  # bytes a second that clients send without a spike
REQUEST = 150  # bytes of one request


class FakeRollout:
    """Every service has a health check, which a new version fails unless it is like the old one."""

    def __init__(self, deployment: FakeDeployment) -> None:
        self._deployment = deployment

    async def replace(self, service: str, variables: Mapping[str, str]) -> None:
        if self._deployment.obeys("replace", service):
            self._deployment.variables[service] = dict(variables)

    async def restore(self, service: str) -> None:
        if self._deployment.obeys("restore", service):
            self._deployment.variables.pop(service, None)

    async def replaced(self, service: str) -> bool:
        return service in self._deployment.variables

    async def environment(self, service: str) -> Mapping[str, str] | None:
        if self._deployment.states[service] != "running":
            return None
        return {"PATH": "/bin", **self._deployment.variables.get(service, {})}

    async def add(self, service: str, version: NewVersion) -> None:
        if self._deployment.obeys("deploy", service):
            self._deployment.new_versions[service] = version

    async def remove(self, service: str) -> None:
        if self._deployment.obeys("roll back", service):
            self._deployment.new_versions.pop(service, None)

    async def added(self, service: str) -> ContainerReading:
        version = self._deployment.new_versions.get(service)
        if version is None:
            return ContainerReading("gone")
        changed = version.variables or version.image or version.command
        return ContainerReading("running", "unhealthy" if changed else "healthy")


class FakeTraffic:
    """Every request of a spike is answered, and what the proxy has carried grows with the clock."""

    def __init__(self, deployment: FakeDeployment, clock: Clock) -> None:
        self._deployment = deployment
        self._clock = clock

    async def begin(self, name: str, spike: Spike) -> None:
        if self._deployment.obeys("begin", name):
            self._deployment.spikes[name] = spike

    async def end(self, name: str) -> None:
        if self._deployment.obeys("end", name):
            self._deployment.spikes.pop(name, None)

    def flowing(self, name: str) -> bool:
        if name in self._deployment.failed:
            raise ToolProblem(f"{name} ended by itself")
        return name in self._deployment.spikes

    async def outcomes(self, name: str) -> Mapping[str, int]:
        return {"200": 1} if name in self._deployment.spikes else {}

    async def carried(self, link: LinkName) -> int:
        rate = sum(spike.rate for spike in self._deployment.spikes.values() if spike.link == link)
        return round(self._clock.mono() * (ORDINARY + rate * REQUEST))
