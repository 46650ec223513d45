"""How writers and readers call a stack: one HTTP exchange or one command, always bounded in time."""

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
from chaos.templates import Filled

MOST_BYTES = 64_000_000  # of an answer, as of a command's output: a store is read whole
# Nothing here speaks TLS; with certificates to load, each exchange would hold up the loop for 23 ms.
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@dataclass(frozen=True)
class StackClient:
    """``entry``: base URL at which clients enter through a link; ``address``: of a port of a service."""

    entry: Callable[[LinkName], str]
    address: Callable[[str, int | None], str]
    execute: Execute

    async def request(self, base: str, filled: Filled, timeout: float) -> WholeAnswer:
        """One exchange over a connection of its own. ``timeout``: real seconds for the whole of it.

        Raises ``ToolProblem`` with one word or two when no complete answer came; ``BadInput`` for an address
        that is not this computer's.
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
