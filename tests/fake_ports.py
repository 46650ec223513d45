"""The ports that act inside containers, over a ``tests.fakes.World``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from chaos.errors import ToolProblem
from chaos.ports import FaultContext, Processor, SqlAnswer
from chaos.timing import Clock
from tests.fakes import FakeContainers, FakeLevers, FakeLinks, FakeStorage, ManualClock, World

REDIS_CONFIG = {"maxmemory": "0", "maxmemory-policy": "allkeys-lru"}
PERIODS = 10  # of a quota, in a second


class FakeLimits:
    """Every container has a memory limit and no quota; a busy one uses a whole processor if it may."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def cpus(self, service: str) -> float:
        return self._world.quotas.get(service, 0.0)

    async def set_cpus(self, service: str, cpus: float) -> None:
        if self._world.obeys("limit", service):
            self._world.quotas[service] = cpus
            if not cpus:
                del self._world.quotas[service]

    async def use_processor(self, service: str, seconds: float) -> Processor:
        quota = self._world.quotas.get(service, 0.0)
        return Processor(seconds * min(quota or 1.0, 1.0), round(seconds * PERIODS) if quota else 0)

    async def exhaust_memory(self, service: str) -> None:
        if self._world.obeys("exhaust", service) and self._world.states[service] == "running":
            self._world.states[service] = "exited"
            self._world.oom_killed.add(service)

    async def end_exhaustion(self, service: str) -> None:
        """Here it never takes time."""


class FakeDisks:
    """Every folder is on a small file system of its own."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def fill(self, service: str, folder: str, most_bytes: int) -> None:
        if self._world.obeys("fill", service):
            self._world.full.add((service, folder))

    async def clear(self, service: str, folder: str) -> None:
        if self._world.obeys("clear", service):
            self._world.full.discard((service, folder))

    async def filled(self, service: str, folder: str) -> bool:
        return (service, folder) in self._world.full

    async def accepts_data(self, service: str, folder: str) -> bool:
        return (service, folder) not in self._world.full


class FakeNetworks:
    def __init__(self, world: World) -> None:
        self._world = world

    async def attached(self, service: str) -> tuple[str, ...]:
        return () if service in self._world.detached else ("default",)

    async def disconnect(self, service: str) -> None:
        if self._world.obeys("disconnect", service):
            self._world.detached.add(service)

    async def reconnect(self, service: str) -> None:
        if self._world.obeys("reconnect", service):
            self._world.detached.discard(service)


class FakeRedis:
    """Knows the commands that the faults give. Keys with an expiry stay until they are deleted."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def call(self, service: str, *words: str) -> str:
        w = self._world
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

    def __init__(self, world: World) -> None:
        self._world = world

    async def query(self, service: str, *statements: str) -> SqlAnswer:
        held = self._world.sessions.values()
        if any(count >= 100 for count, _ in held):
            return SqlAnswer("", error="FATAL: sorry, too many clients already", full=True)
        asked = " ".join(statements)
        if "SHOW max_connections" in asked:
            return SqlAnswer("100", 0.001)
        if "pg_terminate_backend" in asked:
            self._world.ended += self._world.obeys("end sessions of", service)
        locks = [sql for _, sql in held if "LOCK TABLE" in sql]
        if locks and "FROM" in asked and "pg_stat" not in asked:
            if "pg_sleep" not in locks[0]:
                return SqlAnswer("", error="ERROR: canceling statement due to lock timeout")
            return SqlAnswer("1", float(locks[0].partition("pg_sleep(")[2].partition(")")[0]))
        return SqlAnswer("1", 0.001)

    async def idle_session(self, service: str, seconds: float) -> bool:
        before = self._world.ended
        for every, work in list(self._world.repeating.values()):
            if every < seconds:
                await work()
        return self._world.ended == before

    async def hold(self, service: str, name: str, count: int, *statements: str) -> None:
        if self._world.obeys("hold", name):
            self._world.sessions[name] = (count, " ".join(statements))

    async def release(self, service: str, name: str) -> None:
        if self._world.obeys("release", name):
            self._world.sessions.pop(name, None)

    async def held(self, service: str, name: str) -> bool:
        return name in self._world.sessions


@dataclass
class FakeRepeats:
    """Repetitions that happen while a fault sleeps on a ``FastClock``."""

    world: World
    _due: dict[str, float] = field(default_factory=dict)

    async def start(self, name: str, every: float, work: Callable[[], Awaitable[None]]) -> None:
        if name not in self.world.repeating and self.world.obeys("repeat", name):
            await work()
            self.world.repeating[name] = (every, work)

    async def stop(self, name: str) -> None:
        if self.world.obeys("end", name):
            self.world.repeating.pop(name, None)

    def running(self, name: str) -> bool:
        if name in self.world.failed:
            raise ToolProblem(f"{name} ended by itself")
        return name in self.world.repeating


class FastClock(ManualClock):
    """Whoever sleeps lets the time pass at once; what is repeated is repeated meanwhile."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    async def sleep(self, seconds: float) -> None:
        before = self.mono()
        await self.advance(seconds)
        for every, work in list(self._world.repeating.values()):
            for _ in range(int(self.mono() / every) - int(before / every)):
                await work()


def fault_context(world: World, clock: Clock | None = None) -> FaultContext:
    """The ports of a fault kind over a world."""
    return FaultContext(
        containers=FakeContainers(world),
        links=FakeLinks(world),
        levers=FakeLevers(world),
        storage=FakeStorage(world),
        clock=clock or FastClock(world),
        limits=FakeLimits(world),
        disks=FakeDisks(world),
        networks=FakeNetworks(world),
        redis=FakeRedis(world),
        postgres=FakePostgres(world),
        repeats=FakeRepeats(world),
        originals=world.originals,
    )
