"""Faults of the HTTP requests and answers of a link, and what a client of the link gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from chaos.model.stack import LinkName
from chaos.ports.outcomes import DialOutcome


class HttpEffect(StrEnum):
    """How a rule changes the answer to a request. The comments say what its argument is."""

    STATUS = "status"  # the status of the answer, which does not come from the target
    SLOW = "slow"  # the bytes of the body per second
    BODY = "body"  # the bytes of the body after which the connection ends, or MALFORMED
    HEADER = "header"  # the name of the header to remove


MALFORMED = "malformed"  # the argument of BODY for a body that is not valid JSON


@dataclass(frozen=True)
class HttpRule:
    """One rule of a proxy. ``path``: it applies to paths that begin with it. ``share``: percent of their
    requests. ``argument``: see ``HttpEffect``.
    """

    effect: HttpEffect
    path: str
    share: int
    argument: str


@dataclass(frozen=True)
class HttpReply:
    """What a client of a link got for one GET.

    ``seconds``: real time from dialling to the end. Names in ``headers`` are lower-case.
    """

    outcome: DialOutcome
    seconds: float
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class HttpProxies(Protocol):
    """The HTTP proxies of the links that have one because of ``Fault.http_links``. Idempotent."""

    async def put(self, link: LinkName, rule: HttpRule) -> None: ...
    async def remove(self, link: LinkName, effect: HttpEffect, path: str) -> None: ...
    async def holds(self, link: LinkName, effect: HttpEffect, path: str) -> bool:
        """Does the proxy list a rule for this effect and path?"""
        ...

    async def ask(self, link: LinkName, path: str, timeout: float) -> HttpReply:
        """GET ``path`` over a new connection, as a client of the link. ``timeout`` in real seconds."""
        ...
