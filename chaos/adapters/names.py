"""The ``Names`` port: the engine's DNS serves the names that a proxy's container has on a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import docker

from chaos.adapters.containers import DockerContainers
from chaos.errors import ToolProblem
from chaos.model.stack import LinkName

COMMAND_SECONDS = 5.0  # real seconds in addition to the wait for the resolver
UNKNOWN_NAME = 2  # of getent
NO_ANSWER = (124, 143)  # of timeout: GNU's, BusyBox's


@dataclass(frozen=True)
class NamedProxy:
    """The container of the proxy of a link, and the network, by its name in the engine, in which its client
    finds it.
    """

    service: str
    network: str


class DockerNames:
    """Names of one run. It remembers which names a proxy had."""

    def __init__(
        self,
        containers: DockerContainers,
        engine: docker.DockerClient,
        proxy_of: Callable[[LinkName], NamedProxy],
    ) -> None:
        self._containers = containers
        self._api = engine.api
        self._proxy_of = proxy_of
        self._names: dict[LinkName, tuple[str, ...]] = {}

    async def remove(self, link: LinkName) -> None:
        def leave(found: Mapping[str, Any]) -> None:
            attached = self._attachment(link, found)
            if link not in self._names and attached is None:
                raise ToolProblem(f"the proxy of {link} is not on the network of its client")
            if link not in self._names:
                own = (found["Id"][:12], self._proxy_of(link).service)
                self._names[link] = tuple(
                    name for name in (attached or {}).get("Aliases") or () if name not in own
                )
            self._join(link, found, ())

        await self._change(link, "take the name away of", leave)

    async def restore(self, link: LinkName) -> None:
        if link in self._names:
            await self._change(link, "name", lambda found: self._join(link, found, self._names[link]))

    async def removed(self, link: LinkName) -> bool:
        def look(found: Mapping[str, Any]) -> bool:
            listed = (self._attachment(link, found) or {}).get("Aliases") or ()
            return not set(self._names[link]) <= set(listed)

        if link not in self._names:
            return False
        return await self._containers.inspect(self._proxy_of(link).service, "list the names of", look)

    async def resolve(self, service: str, name: str, timeout: float) -> str:
        argv = ["timeout", f"{timeout:g}", "getent", "hosts", name]
        done = await self._containers.execute(service, argv, timeout + COMMAND_SECONDS)
        if done.exit_code == 0:
            return " ".join(done.stdout_text.split()[:1])
        if done.exit_code == UNKNOWN_NAME or done.exit_code in NO_ANSWER:
            return ""
        raise ToolProblem(
            f"cannot resolve a name in {service}: expected `getent` and `timeout` in the container; "
            f"{done.printed_text.strip()[:200]}"
        )

    async def _change(self, link: LinkName, verb: str, work: Callable[[Mapping[str, Any]], None]) -> None:
        await self._containers.change(self._proxy_of(link).service, verb, work)

    def _join(self, link: LinkName, found: Mapping[str, Any], names: Sequence[str]) -> None:
        """Reattach the proxy with these names: the engine has no other way to change them."""
        proxy = self._proxy_of(link)
        attached = self._attachment(link, found)
        if attached is not None:
            listed = set(attached.get("Aliases") or ()) & set(self._names[link])
            if listed == set(names):
                return
            self._api.disconnect_container_from_network(found["Id"], proxy.network)
        self._api.connect_container_to_network(found["Id"], proxy.network, aliases=[proxy.service, *names])

    def _attachment(self, link: LinkName, found: Mapping[str, Any]) -> Mapping[str, Any] | None:
        networks: Mapping[str, Mapping[str, Any]] = found["NetworkSettings"]["Networks"] or {}
        return networks.get(self._proxy_of(link).network)
