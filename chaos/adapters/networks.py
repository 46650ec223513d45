"""The ``Networks`` port over the Docker SDK. It remembers the networks of a container."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import docker
import docker.errors
from pydantic import Field

from chaos.adapters.containers import DockerContainers
from chaos.model.base import Frozen

# What the configuration of an endpoint says: names, links, fixed addresses, options of the driver, and which
# network is the gateway. All else is what the engine made of it.
_CONFIGURED = ("Aliases", "Links", "IPAMConfig", "DriverOpts", "GwPriority")


class Attachment(Frozen):
    """How a container is attached to one network."""

    network: str  # the engine's id
    configured: dict[str, Any] = Field(default_factory=dict)  # in the engine's own words


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
                    self._connect(found["Id"], attachment)
            self._restored.add(service)

        await self._containers.change(service, "reconnect", join)

    def _connect(self, container: str, attachment: Attachment) -> None:
        """The SDK's own call knows only some of the settings."""
        url = self._api._url("/networks/{0}/connect", attachment.network)
        body = {"Container": container, "EndpointConfig": attachment.configured}
        self._api._raise_for_status(self._api._post_json(url, data=body))


def _networks(found: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    networks: Mapping[str, Mapping[str, Any]] = found["NetworkSettings"]["Networks"] or {}
    return networks


def _attachments(found: Mapping[str, Any]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(
            network=settings["NetworkID"],
            configured={name: settings[name] for name in _CONFIGURED if settings.get(name)},
        )
        for settings in _networks(found).values()
    )
