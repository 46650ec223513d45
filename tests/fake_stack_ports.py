"""The ports that change a whole stack, over a ``tests.fakes.FakeDeployment``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chaos.errors import ToolProblem
from chaos.model.stack import LinkName
from chaos.ports import (
    MALFORMED,
    ContainerReading,
    DialOutcome,
    HttpEffect,
    HttpReply,
    HttpRule,
    NewVersion,
    Spike,
)
from chaos.timing import Clock
from tests.fakes import FakeDeployment

ORDINARY = 4000  # bytes a second that clients send without a spike
ANSWER = b'{"rows": ["%s"]}' % (b"x" * 800)
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


class FakeNames:
    """Every service finds the targets of its links by their names."""

    def __init__(self, deployment: FakeDeployment) -> None:
        self._deployment = deployment

    async def remove(self, link: LinkName) -> None:
        if self._deployment.obeys("take away the name of", link):
            self._deployment.unnamed.add(link)

    async def restore(self, link: LinkName) -> None:
        if self._deployment.obeys("name", link):
            self._deployment.unnamed.discard(link)

    async def removed(self, link: LinkName) -> bool:
        return link in self._deployment.unnamed

    async def resolve(self, service: str, name: str, timeout: float) -> str:
        return "" if LinkName(client=service, target=name) in self._deployment.unnamed else "172.20.0.3"


class FakeHttp:
    """Every link answers GET with JSON. A share strikes as often as the real one, and never by chance."""

    def __init__(self, deployment: FakeDeployment) -> None:
        self._deployment = deployment

    async def put(self, link: LinkName, rule: HttpRule) -> None:
        if self._deployment.obeys(f"put {rule.effect.value}", link):
            self._deployment.http[link, rule.effect, rule.path] = rule

    async def remove(self, link: LinkName, effect: HttpEffect, path: str) -> None:
        if self._deployment.obeys(f"remove {effect.value}", link):
            self._deployment.http.pop((link, effect, path), None)

    async def holds(self, link: LinkName, effect: HttpEffect, path: str) -> bool:
        return (link, effect, path) in self._deployment.http

    async def ask(self, link: LinkName, path: str, timeout: float) -> HttpReply:
        if link in self._deployment.closed:
            return HttpReply(DialOutcome.RESET, 0.001)
        headers = {"content-type": "application/json", "x-one": "1"}
        reply = HttpReply(DialOutcome.ANSWERED, 0.002, 200, headers, ANSWER)
        for effect in HttpEffect:
            rules = [
                rule
                for (on, kind, _), rule in self._deployment.http.items()
                if on == link and kind is effect and path.startswith(rule.path)
            ]
            rule = max(rules, key=lambda one: len(one.path), default=None)
            if rule is not None and self._strikes(rule):
                reply = _struck(reply, rule, timeout)
        return reply

    def _strikes(self, rule: HttpRule) -> bool:
        name = f"{rule.effect.value} {rule.path}"
        self._deployment.met[name] += 1
        asked = self._deployment.met[name]
        return asked * rule.share // 100 > (asked - 1) * rule.share // 100


def _struck(reply: HttpReply, rule: HttpRule, timeout: float) -> HttpReply:
    match rule.effect:
        case HttpEffect.STATUS:
            return HttpReply(DialOutcome.ANSWERED, 0.001, int(rule.argument), {}, b"answered by gameday")
        case HttpEffect.SLOW:
            seconds = len(reply.body) / int(rule.argument) - 1
            if seconds > timeout:
                return replace(reply, outcome=DialOutcome.SLOW, seconds=timeout, body=reply.body[:1])
            return replace(reply, seconds=max(reply.seconds, seconds))
        case HttpEffect.BODY if rule.argument == MALFORMED:
            return replace(reply, body=b'{"malformed": [')
        case HttpEffect.BODY:
            return replace(reply, outcome=DialOutcome.CUT, body=reply.body[: int(rule.argument)])
        case _:
            kept = {key: value for key, value in reply.headers.items() if key != rule.argument.lower()}
            return replace(reply, headers=kept)
