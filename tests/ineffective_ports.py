"""Ports that pretend: every command reads back as done, and nothing happens to clients."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace

from chaos.model.stack import LinkName
from chaos.ports import (
    ContainerReading,
    Exchange,
    FaultContext,
    HttpReply,
    LeverAnswer,
    LeverPhase,
    Processor,
    RoundTrip,
    SqlAnswer,
)
from chaos.timing import Clock
from tests.fake_ports import (
    FakeDisks,
    FakeLimits,
    FakePostgres,
    FakeRedis,
    fault_context,
)
from tests.fake_stack_ports import FakeHttp, FakeNames, FakeRollout, FakeTraffic
from tests.fakes import FakeDeployment, FakeLevers, FakeLinks, FakeStorage


class _PretendingLinks(FakeLinks):
    """Lists every toxic and every closed listener that it was given; traffic flows as ever."""

    def __init__(self, said: FakeDeployment, really: FakeDeployment) -> None:
        super().__init__(said)
        self._really = FakeLinks(really)

    async def round_trip(self, link: LinkName, timeout: float = 2.0) -> RoundTrip:
        return await self._really.round_trip(link, timeout)

    async def exchange(self, link: LinkName, size: int, timeout: float) -> Exchange:
        return await self._really.exchange(link, size, timeout)

    async def ending(self, link: LinkName, timeout: float) -> Exchange:
        return await self._really.ending(link, timeout)

    async def lasts(self, link: LinkName, seconds: float) -> bool:
        return await self._really.lasts(link, seconds)


class _PretendingLevers(FakeLevers):
    """Its read-back says that it is pulled; its witness asks what clients get."""

    def __init__(self, said: FakeDeployment, really: FakeDeployment) -> None:
        super().__init__(said)
        self._really = FakeLevers(really)

    async def act(self, lever: str, phase: LeverPhase, params: Mapping[str, object]) -> LeverAnswer:
        if phase is LeverPhase.WITNESS:
            return await self._really.act(lever, phase, params)
        return await super().act(lever, phase, params)


class _PretendingLimits(FakeLimits):
    """Reads back the quota that it was given; the kernel counts as ever."""

    def __init__(self, said: FakeDeployment, really: FakeDeployment) -> None:
        super().__init__(said)
        self._really = FakeLimits(really)

    async def use_processor(self, service: str, seconds: float) -> Processor:
        return await self._really.use_processor(service, seconds)


class _PretendingDisks(FakeDisks):
    """Lists the file that it was asked for; there is space as ever."""

    def __init__(self, said: FakeDeployment, really: FakeDeployment) -> None:
        super().__init__(said)
        self._really = FakeDisks(really)

    async def accepts_data(self, service: str, folder: str) -> bool:
        return await self._really.accepts_data(service, folder)


class _PretendingRollout(FakeRollout):
    """Lists the containers that it was asked for; the processes in them are those of before, and well."""

    def __init__(self, said: FakeDeployment, really: FakeDeployment) -> None:
        super().__init__(said)
        self._really = FakeRollout(really)

    async def environment(self, service: str) -> Mapping[str, str] | None:
        return await self._really.environment(service)

    async def added(self, service: str) -> ContainerReading:
        listed = await super().added(service)
        return replace(listed, health="healthy") if listed.health else listed


class _PretendingTraffic(FakeTraffic):
    """Says that the spike flows and is answered; the proxy carries what it always does."""

    def __init__(self, said: FakeDeployment, really: FakeDeployment, clock: Clock) -> None:
        super().__init__(said, clock)
        self._really = FakeTraffic(really, clock)

    async def carried(self, link: LinkName) -> int:
        return await self._really.carried(link)


class _PretendingNames(FakeNames):
    """Says that a name is gone; it resolves as ever."""

    def __init__(self, said: FakeDeployment, really: FakeDeployment) -> None:
        super().__init__(said)
        self._really = FakeNames(really)

    async def resolve(self, service: str, name: str, timeout: float) -> str:
        return await self._really.resolve(service, name, timeout)


class _PretendingHttp(FakeHttp):
    """Lists every rule that it was given; clients get what the target answers."""

    def __init__(self, said: FakeDeployment, really: FakeDeployment) -> None:
        super().__init__(said)
        self._really = FakeHttp(really)

    async def ask(self, link: LinkName, path: str, timeout: float) -> HttpReply:
        return await self._really.ask(link, path, timeout)


class _PretendingRedis(FakeRedis):
    """Reads back settings and role as they were set; data is written and kept as ever."""

    def __init__(self, said: FakeDeployment, really: FakeDeployment) -> None:
        super().__init__(said)
        self._really = FakeRedis(really)

    async def call(self, service: str, *words: str) -> str:
        if words[0] in ("SET", "EXISTS", "DEL"):
            return await self._really.call(service, *words)
        return await super().call(service, *words)


class _PretendingPostgres(FakePostgres):
    """Lists the sessions that it was asked for; clients are served as ever."""

    def __init__(self, said: FakeDeployment, really: FakeDeployment) -> None:
        super().__init__(said)
        self._really = FakePostgres(really)

    async def query(self, service: str, *statements: str) -> SqlAnswer:
        if any("pg_terminate_backend" in one for one in statements):
            return await super().query(service, *statements)
        return await self._really.query(service, *statements)

    async def idle_session(self, service: str, seconds: float) -> bool | None:
        return await self._really.idle_session(service, seconds)


def pretending_context(really: FakeDeployment) -> FaultContext:
    """Ports whose commands are believed by every read-back and do nothing to ``really``.

    What is listed of networks and volumes is the engine's own knowledge, so the storage does not pretend.
    Containers are reported as commanded, while every one goes on serving.
    """
    said, deaf = copy.deepcopy(really), copy.deepcopy(really)
    deaf.deaf = True
    rest = fault_context(said)
    return FaultContext(
        containers=rest.containers,
        links=_PretendingLinks(said, really),
        levers=_PretendingLevers(said, really),
        storage=FakeStorage(deaf),
        clock=rest.clock,
        limits=_PretendingLimits(said, really),
        disks=_PretendingDisks(said, really),
        networks=rest.networks,
        rollout=_PretendingRollout(said, really),
        traffic=_PretendingTraffic(said, really, rest.clock),
        names=_PretendingNames(said, really),
        http=_PretendingHttp(said, really),
        redis=_PretendingRedis(said, really),
        postgres=_PretendingPostgres(said, really),
        repeats=rest.repeats,
        originals=rest.originals,
    )
