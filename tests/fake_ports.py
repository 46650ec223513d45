"""The ports that act inside containers, over a ``tests.fakes.FakeDeployment``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from chaos.errors import ToolProblem
from chaos.ports import FaultContext, Processor, ProcessorQuota, SqlAnswer
from chaos.timing import Clock
from tests.fake_stack_ports import FakeHttp, FakeNames, FakeRollout, FakeTraffic
from tests.fakes import FakeContainers, FakeDeployment, FakeLevers, FakeLinks, FakeStorage, ManualClock

REDIS_CONFIG = {"maxmemory": "0", "maxmemory-policy": "allkeys-lru"}
PERIODS = 10  # of a quota, in a second


class FakeLimits:
    """Every container has a memory limit and no quota; a busy one uses a whole processor if it may."""

    def __init__(self, deployment: FakeDeployment) -> None:
        self._deployment = deployment

    async def quota(self, service: str) -> ProcessorQuota:
        return ProcessorQuota(nano=round(self._deployment.quotas.get(service, 0.0) * 1e9))

    async def set_quota(self, service: str, quota: ProcessorQuota) -> None:
        await self.limit_cpus(service, quota.nano / 1e9)

    async def limit_cpus(self, service: str, cpus: float) -> None:
        if self._deployment.obeys("limit", service):
            self._deployment.quotas[service] = cpus
            if not cpus:
                del self._deployment.quotas[service]

    async def use_processor(self, service: str, seconds: float) -> Processor:
        quota = self._deployment.quotas.get(service, 0.0)
        return Processor(seconds * min(quota or 1.0, 1.0), round(seconds * PERIODS) if quota else 0, seconds)

    async def exhaust_memory(self, service: str) -> None:
        if self._deployment.obeys("exhaust", service) and self._deployment.states[service] == "running":
            self._deployment.states[service] = "exited"
            self._deployment.oom_killed.add(service)

    async def end_exhaustion(self, service: str) -> None:
        """Here it never takes time."""


class FakeDisks:
    """Every folder is on a small file system of its own."""

    def __init__(self, deployment: FakeDeployment) -> None:
        self._deployment = deployment

    async def fill(self, service: str, folder: str, most_bytes: int) -> None:
        if self._deployment.obeys("fill", service):
            self._deployment.full.add((service, folder))

    async def clear(self, service: str, folder: str) -> None:
        if self._deployment.obeys("clear", service):
            self._deployment.full.discard((service, folder))

    async def filled(self, service: str, folder: str) -> bool:
        return (service, folder) in self._deployment.full

    async def accepts_data(self, service: str, folder: str) -> bool:
        return (service, folder) not in self._deployment.full


class FakeNetworks:
    def __init__(self, deployment: FakeDeployment) -> None:
        self._deployment = deployment

    async def attached(self, service: str) -> tuple[str, ...]:
        return () if service in self._deployment.detached else ("default",)

    async def missing(self, service: str) -> tuple[str, ...]:
        return ("default",) if service in self._deployment.detached else ()

    async def disconnect(self, service: str) -> None:
        if self._deployment.obeys("disconnect", service):
            self._deployment.detached.add(service)

    async def reconnect(self, service: str) -> None:
        if self._deployment.obeys("reconnect", service):
            self._deployment.detached.discard(service)


class FakeRedis:
    """Knows the commands that the faults give. Keys with an expiry stay until they are deleted."""

    def __init__(self, deployment: FakeDeployment) -> None:
        self._deployment = deployment

    async def call(self, service: str, *words: str) -> str:
        w = self._deployment
        config = {**REDIS_CONFIG, **w.redis_config}
        match words:
            case ("CONFIG", "GET", name):
                return f"{name}\n{config[name]}"
            case ("CONFIG", "SET", name, value):
                if w.obeys("config", service):
                    w.redis_config[name] = value
                    if value == REDIS_CONFIG[name]:
                        del w.redis_config[name]
            case ("REPLICAOF", "NO", "ONE"):
                if w.obeys("promote", service):
                    w.masters.pop(service, None)
            case ("REPLICAOF", host, port):
                if w.obeys("replicate", service):
                    w.masters[service] = (host, port)
            case ("ROLE",):
                return "\n".join(("slave", *w.masters[service])) if service in w.masters else "master\n0"
            case ("FLUSHALL",):
                if w.obeys("flush", service):
                    w.keys.clear()
            case ("SET", key, *_):
                if service in w.masters:
                    return "READONLY You can't write against a read only replica."
                if config["maxmemory"] != "0":
                    return "OOM command not allowed when used memory > 'maxmemory'."
                w.keys.add(key)
            case ("EXISTS", key):
                return str(int(key in w.keys))
            case ("DEL", key):
                w.keys.discard(key)
            case _:
                raise AssertionError(f"an unknown command: {words}")
        return "OK"


class FakePostgres:
    """100 connections and any table. What a session does is read from its statements."""

    def __init__(self, deployment: FakeDeployment) -> None:
        self._deployment = deployment

    async def query(self, service: str, *statements: str) -> SqlAnswer:
        held = self._deployment.sessions.values()
        if any(count >= 100 for count, _ in held):
            return SqlAnswer("", error="FATAL: sorry, too many clients already", full=True)
        asked = " ".join(statements)
        if "SHOW max_connections" in asked:
            return SqlAnswer("100", 0.001)
        if "pg_terminate_backend" in asked:
            self._deployment.ended += self._deployment.obeys("end sessions of", service)
        locks = [sql for _, sql in held if "LOCK TABLE" in sql]
        if locks and "FROM" in asked and "pg_stat" not in asked:
            if "pg_sleep" not in locks[0]:
                return SqlAnswer("", error="ERROR: canceling statement due to lock timeout")
            return SqlAnswer("1", float(locks[0].partition("pg_sleep(")[2].partition(")")[0]))
        return SqlAnswer("1", 0.001)

    async def idle_session(self, service: str, seconds: float) -> bool | None:
        before = self._deployment.ended
        for every, work in list(self._deployment.repeating.values()):
            if every < seconds:
                await work()
        return self._deployment.ended == before

    async def hold(self, service: str, name: str, count: int, *statements: str) -> None:
        if self._deployment.obeys("hold", name):
            self._deployment.sessions[name] = (count, " ".join(statements))

    async def release(self, service: str, name: str) -> None:
        if self._deployment.obeys("release", name):
            self._deployment.sessions.pop(name, None)

    async def held(self, service: str, name: str) -> bool:
        return name in self._deployment.sessions


@dataclass
class FakeRepeats:
    """Repetitions that happen while a fault sleeps on a ``FastClock``."""

    deployment: FakeDeployment
    _due: dict[str, float] = field(default_factory=dict)

    async def start(self, name: str, every: float, work: Callable[[], Awaitable[None]]) -> None:
        if name not in self.deployment.repeating and self.deployment.obeys("repeat", name):
            await work()
            self.deployment.repeating[name] = (every, work)

    async def stop(self, name: str) -> None:
        if self.deployment.obeys("end", name):
            self.deployment.repeating.pop(name, None)

    def running(self, name: str) -> bool:
        if name in self.deployment.failed:
            raise ToolProblem(f"{name} ended by itself")
        return name in self.deployment.repeating

    def failures(self) -> tuple[str, ...]:
        return ()


class FastClock(ManualClock):
    """Whoever sleeps lets the time pass at once; what is repeated is repeated meanwhile."""

    def __init__(self, deployment: FakeDeployment) -> None:
        super().__init__()
        self._deployment = deployment

    async def sleep(self, seconds: float) -> None:
        before = self.mono()
        await self.advance(seconds)
        for every, work in list(self._deployment.repeating.values()):
            for _ in range(int(self.mono() / every) - int(before / every)):
                await work()


def fault_context(deployment: FakeDeployment, clock: Clock | None = None) -> FaultContext:
    """The ports of a fault kind over a deployment."""
    clock = clock or FastClock(deployment)
    return FaultContext(
        containers=FakeContainers(deployment),
        links=FakeLinks(deployment),
        levers=FakeLevers(deployment),
        storage=FakeStorage(deployment),
        clock=clock,
        limits=FakeLimits(deployment),
        disks=FakeDisks(deployment),
        networks=FakeNetworks(deployment),
        rollout=FakeRollout(deployment),
        traffic=FakeTraffic(deployment, clock),
        names=FakeNames(deployment),
        http=FakeHttp(deployment),
        redis=FakeRedis(deployment),
        postgres=FakePostgres(deployment),
        repeats=FakeRepeats(deployment),
        originals=deployment.originals,
    )
