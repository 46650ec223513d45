"""The ``Networks`` port over the Docker SDK. It remembers the networks of a container."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import docker
import docker.errors

from chaos.adapters.containers import DockerContainers
from chaos.model.base import Frozen


class Attachment(Frozen):
    """How a container is attached to one network."""

    network: str  # the engine's id
    aliases: tuple[str, ...] = ()
    address: str = ""  # a fixed one of the compose file, or ""


class DockerNetworks:
    """Networks of the containers of one run."""

    def __init__(
        self,
        containers: DockerContainers,
        engine: docker.DockerClient,
        before: Mapping[str, tuple[Attachment, ...]] | None = None,
    ) -> None:
        """``before``: how containers were attached before another process disconnected some of them."""
        self._containers = containers
        self._api = engine.api
        self._left = {  # service -> network's id -> how it was attached
            service: {one.network: one for one in attached} for service, attached in (before or {}).items()
        }
        self._restored: set[str] = set()

    async def attachments(self, service: str) -> tuple[Attachment, ...]:
        """The networks to which it is attached now. Raises ``ToolProblem``."""
        return await self._containers.inspect(service, "list the networks of", _attachments)

    async def attached(self, service: str) -> tuple[str, ...]:
        return await self._containers.inspect(
            service, "list the networks of", lambda found: tuple(sorted(_networks(found)))
        )

    async def missing(self, service: str) -> tuple[str, ...]:
        there = {attachment.network for attachment in await self.attachments(service)}
        return tuple(sorted(self._left.get(service, {}).keys() - there))

    async def disconnect(self, service: str) -> None:
        def leave(found: Mapping[str, Any]) -> None:
            there = {one.network: one for one in _attachments(found)}
            if service in self._restored:  # what is remembered is from an earlier fault
                self._left[service] = {}
                self._restored.discard(service)
            self._left[service] = {**self._left.get(service, {}), **there}
            for network in there:
                self._api.disconnect_container_from_network(found["Id"], network)

        await self._containers.change(service, "disconnect", leave)

    async def reconnect(self, service: str) -> None:
        def join(found: Mapping[str, Any]) -> None:
            there = {attachment.network for attachment in _attachments(found)}
            for network, attachment in self._left.get(service, {}).items():
                if network not in there:
                    self._api.connect_container_to_network(
                        found["Id"],
                        network,
                        aliases=list(attachment.aliases),
                        ipv4_address=attachment.address or None,
                    )
            self._restored.add(service)

        await self._containers.change(service, "reconnect", join)


def _networks(found: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    networks: Mapping[str, Mapping[str, Any]] = found["NetworkSettings"]["Networks"] or {}
    return networks


def _attachments(found: Mapping[str, Any]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(
            network=settings["NetworkID"],
            aliases=tuple(settings.get("Aliases") or ()),
            address=(settings.get("IPAMConfig") or {}).get("IPv4Address", ""),
        )
        for settings in _networks(found).values()
    )
