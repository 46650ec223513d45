"""What is done to the requests and answers of a link, and what a client of it gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from chaos.model.stack import LinkName


class HttpEffect(StrEnum):
    """What can be done to a request or its answer."""

    STATUS = "status"  # answered with this status, without asking the target
    SLOW = "slow"  # the body comes at so many bytes a second
    BODY = "body"  # after so many bytes of it the connection ends, or it is MALFORMED
    HEADER = "header"  # the answer lacks this header


MALFORMED = "malformed"  # the argument of BODY with which the body is no JSON


@dataclass(frozen=True)
class HttpRule:
    """``path``: where the paths begin that it strikes. ``share``: percent of their requests."""

    effect: HttpEffect
    path: str
    share: int
    argument: str


@dataclass(frozen=True)
class HttpReply:
    """What a client of a link got for one GET.

    ``outcome``: answered (complete) | cut (ended within the answer) | slow (not complete in time) | closed |
    reset | refused | timeout (nothing came). ``headers`` by their names in lower case. ``seconds``: real,
    from dialling to the end.
    """

    outcome: str
    seconds: float
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class HttpProxies(Protocol):
    """The HTTP proxies of the links whose faults asked for one. Idempotent."""

    async def put(self, link: LinkName, rule: HttpRule) -> None: ...
    async def remove(self, link: LinkName, effect: HttpEffect, path: str) -> None: ...
    async def holds(self, link: LinkName, effect: HttpEffect, path: str) -> bool:
        """Does the proxy list a rule for this effect and path?"""
        ...

    async def ask(self, link: LinkName, path: str, timeout: float) -> HttpReply:
        """GET ``path`` over a connection of its own, as a client of the link, for so many real seconds."""
        ...
