"""The names under which the services of this run find each other."""

from __future__ import annotations

from typing import Protocol

from chaos.model.stack import LinkName


class Names(Protocol):
    """The names of the targets in the networks of their clients. Idempotent. Its links must have proxies in
    containers of their own.
    """

    async def remove(self, link: LinkName) -> None:
        """Take every name of the target out of the network in which the client finds it."""
        ...

    async def restore(self, link: LinkName) -> None: ...
    async def removed(self, link: LinkName) -> bool:
        """Does the engine list no name of the target there?"""
        ...

    async def resolve(self, service: str, name: str, timeout: float) -> str:
        """The address that ``name`` has inside the container of ``service``; "" if it has none, or no answer
        came within so many real seconds. Needs ``getent`` and ``timeout`` in the container.
        """
        ...
