"""A small deployment in memory behind the ports of the fault kinds, and a clock that is turned by hand.

The fakes share one ``FakeDeployment``, so that a killed container shows on the links that lead to it, as it
does in fact. ``tests/contract`` runs one suite on these fakes and on the real adapters: what they
pretend is what those do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from chaos.errors import ToolProblem
from chaos.model.stack import LinkName, ServiceRole, as_link
from chaos.ports import (
    ContainerReading,
    DialOutcome,
    Exchange,
    HttpEffect,
    HttpRule,
    LeverAnswer,
    LeverPhase,
    ListedResources,
    NewVersion,
    Originals,
    RoundTrip,
    Spike,
    Toxic,
)
from tests.manual_clock import ManualClock as ManualClock  # where tests look for it

ROUND_TRIP = 0.002  # seconds of an undisturbed round trip


@dataclass
class FakeDeployment:
    """State of everything. ``deaf``: commands are accepted and do nothing. ``broken``: names of calls
    that fail.
    """

    roles: dict[str, ServiceRole]
    link_names: tuple[LinkName, ...]
    states: dict[str, str] = field(default_factory=dict)
    closed: set[LinkName] = field(default_factory=set)
    toxics: dict[LinkName, dict[str, Toxic]] = field(default_factory=dict)
    pulled: dict[str, dict[str, object]] = field(default_factory=dict)  # lever -> its parameters
    lost: set[str] = field(default_factory=set)  # volumes
    quotas: dict[str, float] = field(default_factory=dict)  # processors, where there is a quota
    oom_killed: set[str] = field(default_factory=set)
    full: set[tuple[str, str]] = field(default_factory=set)  # service and folder
    detached: set[str] = field(default_factory=set)  # services without a network
    repeating: dict[str, tuple[float, Callable[[], Awaitable[None]]]] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)  # repetitions that ended by themselves
    redis_config: dict[str, str] = field(default_factory=dict)  # what is not as at the start
    masters: dict[str, tuple[str, str]] = field(default_factory=dict)  # of a Redis that is a replica
    keys: set[str] = field(default_factory=set)  # in the Redis
    sessions: dict[str, tuple[int, str]] = field(default_factory=dict)  # of the Postgres: count, statements
    ended: int = 0  # how often sessions were ended
    variables: dict[str, dict[str, str]] = field(default_factory=dict)  # of services that were replaced
    new_versions: dict[str, NewVersion] = field(default_factory=dict)  # beside the service of that name
    spikes: dict[str, Spike] = field(default_factory=dict)
    unnamed: set[LinkName] = field(default_factory=set)  # links whose target has no name
    http: dict[tuple[LinkName, HttpEffect, str], HttpRule] = field(default_factory=dict)
    starts: Counter[str] = field(default_factory=Counter)
    originals: Originals = field(default_factory=Originals)  # of the run
    deaf: bool = False
    broken: set[str] = field(default_factory=set)
    log: list[str] = field(default_factory=list)  # every command, in order: "kill db", "disable web->db"
    met: Counter[str] = field(default_factory=Counter)  # toxic -> dials that came upon it

    def obeys(self, command: str, subject: object) -> bool:
        """Note a command; whether it is to be carried out."""
        self.log.append(f"{command} {subject}")
        if command in self.broken:
            raise ToolProblem(f"cannot {command} {subject}")
        return not self.deaf


def fake_deployment(
    links: Iterable[str] = ("clients->web", "web->cache"), roles: Mapping[str, ServiceRole] | None = None
) -> FakeDeployment:
    """A running stack of the services that the links name; ``roles`` default to redis for cache, app for
    the rest.
    """
    names = tuple(as_link(link) for link in links)
    services = {link.target for link in names} | {link.client for link in names} - {"clients"}
    given = {name: ServiceRole.REDIS if name == "cache" else ServiceRole.APP for name in services} | dict(
        roles or {}
    )
    return FakeDeployment(given, names, dict.fromkeys(given, "running"))


class FakeContainers:
    def __init__(self, deployment: FakeDeployment) -> None:
        self._deployment = deployment

    async def kill(self, service: str, signal: str = "SIGKILL") -> None:
        self._move("kill", service, ("running", "paused"), "exited")

    async def crash(self, service: str) -> None:
        """The engine starts it again at once."""
        self._must_be_known("crash", service)
        if self._deployment.obeys("crash", service):
            self._deployment.starts[service] += 1

    async def stop(self, service: str, grace: float) -> None:
        self._move("stop", service, ("running", "paused"), "exited")

    async def start(self, service: str) -> None:
        self._move("start", service, ("created", "exited"), "running")
        if self._deployment.states[service] == "running":
            self._deployment.oom_killed.discard(service)

    async def restart(self, service: str, grace: float) -> None:
        self._must_be_known("restart", service)
        if self._deployment.obeys("restart", service):
            self._deployment.states[service] = "running"
            self._deployment.starts[service] += 1

    async def pause(self, service: str) -> None:
        self._must_be_known("pause", service)
        if self._deployment.states[service] not in ("running", "paused"):
            raise ToolProblem(f"cannot pause {service}: it does not run")
        self._move("pause", service, ("running",), "paused")

    async def unpause(self, service: str) -> None:
        self._move("unpause", service, ("paused",), "running")

    async def reading(self, service: str) -> ContainerReading:
        state = self._deployment.states.get(service, "gone")
        return ContainerReading(
            state,
            exit_code=137 if state == "exited" else None,
            started=str(self._deployment.starts[service]),
            oom_killed=service in self._deployment.oom_killed,
        )

    def _move(self, command: str, service: str, before: tuple[str, ...], after: str) -> None:
        self._must_be_known(command, service)
        if self._deployment.obeys(command, service) and self._deployment.states[service] in before:
            self._deployment.states[service] = after

    def _must_be_known(self, command: str, service: str) -> None:
        if service not in self._deployment.states:
            raise ToolProblem(f"cannot {command} {service}: there is no such container")


class FakeLinks:
    def __init__(self, deployment: FakeDeployment) -> None:
        self._deployment = deployment
        self._struck: set[str] = set()  # toxics that the last dial came upon

    async def enable(self, link: LinkName) -> None:
        self._must_be_known(link)
        if self._deployment.obeys("enable", link):
            self._deployment.closed.discard(link)

    async def disable(self, link: LinkName) -> None:
        self._must_be_known(link)
        if self._deployment.obeys("disable", link):
            self._deployment.closed.add(link)

    async def enabled(self, link: LinkName) -> bool:
        self._must_be_known(link)
        return link not in self._deployment.closed

    async def add_toxic(self, link: LinkName, toxic: Toxic) -> None:
        self._must_be_known(link)
        if self._deployment.obeys(f"add {toxic.kind}", link):
            self._deployment.toxics.setdefault(link, {})[toxic.name] = toxic

    async def remove_toxic(self, link: LinkName, name: str) -> None:
        self._must_be_known(link)
        if self._deployment.obeys("remove toxic", link):
            self._deployment.toxics.get(link, {}).pop(name, None)

    async def toxics(self, link: LinkName) -> tuple[Toxic, ...]:
        self._must_be_known(link)
        return tuple(toxic for _, toxic in sorted(self._deployment.toxics.get(link, {}).items()))

    async def round_trip(self, link: LinkName, timeout: float = 2.0) -> RoundTrip:
        self._must_be_known(link)
        state = self._deployment.states[link.target]
        if link in self._deployment.closed:
            return RoundTrip(DialOutcome.RESET)
        if state not in ("running", "paused") or link.target in self._deployment.detached:
            return RoundTrip(DialOutcome.CLOSED)
        toxics = [toxic for toxic in await self.toxics(link) if self._strikes(toxic)]
        self._struck = {toxic.name for toxic in toxics}
        if any(toxic.kind == "reset_peer" for toxic in toxics):
            return RoundTrip(DialOutcome.RESET)
        if self._deployment.roles[link.target] is ServiceRole.OTHER:
            return RoundTrip(DialOutcome.CONNECTED, ROUND_TRIP)
        silences = [toxic.attributes["timeout"] / 1000 for toxic in toxics if toxic.kind == "timeout"]
        if silences:
            return RoundTrip(DialOutcome.CLOSED if 0 < max(silences) < timeout else DialOutcome.TIMEOUT)
        delay = sum(toxic.attributes["latency"] / 1000 for toxic in toxics if toxic.kind == "latency")
        if state == "paused" or ROUND_TRIP + delay >= timeout:
            return RoundTrip(DialOutcome.TIMEOUT)
        return RoundTrip(DialOutcome.ANSWERED, ROUND_TRIP + delay)

    async def exchange(self, link: LinkName, size: int, timeout: float) -> Exchange:
        """Adds to a round trip what toxics do to much data."""
        trip = await self.round_trip(link, timeout)
        if trip.outcome != "answered":
            return Exchange(trip.outcome, 0, 0, timeout)
        seconds = trip.seconds or 0.0
        for toxic in await self.toxics(link):
            if toxic.name not in self._struck:
                continue
            if toxic.kind == "limit_data" and toxic.attributes["bytes"] < size:
                return Exchange(DialOutcome.CLOSED, size, toxic.attributes["bytes"], seconds)
            if toxic.kind == "bandwidth":
                seconds += size / (toxic.attributes["rate"] * 1000)
            if toxic.kind == "slicer":
                seconds += size / toxic.attributes["average_size"] * toxic.attributes["delay"] / 1e6
        return Exchange(DialOutcome.ANSWERED, size, size, seconds)

    async def ending(self, link: LinkName, timeout: float) -> Exchange:
        trip = await self.round_trip(link, timeout)
        slow = [
            toxic
            for toxic in await self.toxics(link)
            if toxic.kind == "slow_close" and toxic.name in self._struck
        ]
        delay = sum(toxic.attributes["delay"] / 1000 for toxic in slow)
        return Exchange(trip.outcome, 1, 1, delay)

    async def lasts(self, link: LinkName, seconds: float) -> bool:
        began = self._deployment.starts[link.target]
        for every, work in list(self._deployment.repeating.values()):
            if every < seconds:
                await work()
        running = self._deployment.states[link.target] in ("running", "paused")
        return running and self._deployment.starts[link.target] == began

    def _strikes(self, toxic: Toxic) -> bool:
        """A toxic of toxicity 0.5 strikes every second dial: as often as the real, and never by chance."""
        self._deployment.met[toxic.name] += 1
        dials = self._deployment.met[toxic.name]
        return int(dials * toxic.toxicity) > int((dials - 1) * toxic.toxicity)

    def leading_to(self, service: str) -> tuple[LinkName, ...]:
        return tuple(link for link in self._deployment.link_names if link.target == service)

    def _must_be_known(self, link: LinkName) -> None:
        if link not in self._deployment.link_names:
            raise ToolProblem(f"no proxy carries the link {link}")


class FakeLevers:
    """Any name is a lever, and works."""

    def __init__(self, deployment: FakeDeployment) -> None:
        self._deployment = deployment

    async def act(self, lever: str, phase: LeverPhase, params: Mapping[str, object]) -> LeverAnswer:
        is_pulled = lever in self._deployment.pulled
        if phase is LeverPhase.WITNESS:
            return LeverAnswer(is_pulled, "in effect" if is_pulled else "nothing to see")
        if phase is LeverPhase.READBACK:
            return LeverAnswer(not is_pulled, "pulled" if is_pulled else "not pulled")
        if self._deployment.obeys(f"lever {phase.value}", lever):
            if phase is LeverPhase.INJECT:
                self._deployment.pulled[lever] = dict(params)
            else:
                self._deployment.pulled.pop(lever, None)
        return LeverAnswer(True, "done")


class FakeStorage:
    """A volume ``<service>-data`` for each service; what is lost comes back by ``restore`` alone."""

    def __init__(self, deployment: FakeDeployment) -> None:
        self._deployment = deployment

    async def lose_volume(self, service: str, volume: str) -> None:
        if self._deployment.obeys("lose", volume):
            self._deployment.states[service] = "gone"
            self._deployment.lost.add(volume)

    async def lose_everything(self) -> None:
        if self._deployment.obeys("lose", "everything"):
            for service in self._deployment.states:
                self._deployment.states[service] = "gone"
                self._deployment.lost.add(f"{service}-data")

    async def standing(self) -> ListedResources:
        there = tuple(name for name, state in self._deployment.states.items() if state != "gone")
        volumes = {f"{name}-data" for name in self._deployment.states} - self._deployment.lost
        return ListedResources(there, ("default",) if there else (), tuple(sorted(volumes)))

    def restore(self) -> None:
        """What a procedure does."""
        self._deployment.states.update(dict.fromkeys(self._deployment.states, "running"))
        self._deployment.lost.clear()
