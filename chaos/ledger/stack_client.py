"""Calls a stack for writers and readers: one HTTP exchange or one command, with a time limit."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from chaos.bounded_http import WholeAnswer, exchange
from chaos.errors import ToolProblem
from chaos.local_target import local_target, local_url
from chaos.model.stack import LinkName
from chaos.ports import Execute
from chaos.templates import FilledRequest

MOST_BYTES = 64_000_000  # of an answer: gameday reads a whole store at once
# No call here uses TLS. Loading certificates would block the asyncio loop for 23 ms at each exchange.
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass(frozen=True)
class StackClient:
    """``entry``: the base URL at which clients enter a link. ``address``: the base URL of a service's port.

    ``execute``: runs a command in a service's container.
    """

    entry: Callable[[LinkName], str]
    address: Callable[[str, int | None], str]
    execute: Execute

    async def request(self, base: str, filled: FilledRequest, timeout: float) -> WholeAnswer:
        """One exchange over a new connection. ``timeout``: real seconds for the whole exchange.

        Raises ``ToolProblem`` if no complete answer came or the path would lead to another host, and
        ``BadInput`` if ``base`` is not an address of this computer.
        """
        local_target(base)
        url = local_url(base, filled.path)
        headers = {"User-Agent": "gameday-ledger", "Connection": "close", **filled.headers}
        try:
            async with (
                asyncio.timeout(timeout),
                # No proxy from the environment: the stack is on this machine.
                httpx.AsyncClient(timeout=None, trust_env=False, verify=_NO_CERTIFICATES) as client,
            ):
                return await exchange(
                    client, filled.method, url, headers=headers, content=filled.body, most=MOST_BYTES
                )
        except TimeoutError as error:
            raise ToolProblem(f"no answer within {timeout:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise ToolProblem(f"{type(error).__name__}: {error}".rstrip(": ")) from error
