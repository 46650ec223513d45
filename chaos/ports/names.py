"""The DNS names under which the services of this run find each other."""

from __future__ import annotations

from typing import Protocol

from chaos.model.stack import LinkName


class Names(Protocol):
    """The names of link targets in the networks of their clients. Idempotent. The proxy of the link must be
    in a separate container (``Fault.links_apart``).
    """

    async def remove(self, link: LinkName) -> None:
        """Remove every name of the target from the network of the client."""
        ...

    async def restore(self, link: LinkName) -> None: ...
    async def removed(self, link: LinkName) -> bool:
        """Is at least one name of the target missing there, as the engine lists them?"""
        ...

    async def resolve(self, service: str, name: str, timeout: float) -> str:
        """The address of ``name`` inside the container of ``service``; "" if there is none, or no answer
        within ``timeout`` real seconds. The container needs ``getent`` and ``timeout``.
        """
        ...
