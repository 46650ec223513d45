"""The PMS as the API sees it: three calls, each bounded in time and made through the breaker."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import httpx
from prometheus_client import Histogram

from agente.breaker import Breaker, BreakerOpenError

Json = dict[str, object]
# A refusal of the API as a whole, not of one request: credentials, and the PMS's own rate limit.
FAILURES = (401, 403, 429)
# The trial asks what guests ask: a PMS whose health page alone answers must stay shut out.
TRIAL_QUERY = {"room_type": "double", "check_in": "2031-01-10", "check_out": "2031-01-12"}


class PmsError(Exception):
    """The PMS gave no usable answer."""

    status = 502  # what a caller without a fallback gets


class PmsFailedError(PmsError):
    """It was asked and failed (time-out, connection, 5xx, credentials, 429): counts for the breaker."""


class PmsUnavailableError(PmsError):
    """It was not asked, because the breaker is open."""

    status = 503


class PmsRefusedError(Exception):
    """It answered, and the answer is no (a 4xx about this one request). Says nothing against the PMS."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"the PMS answered {status}: {body[:200]}")
        self.status = status


@dataclass(frozen=True)
class Answer:
    """What the PMS said; `body` is None when it refused this one request."""

    status: int
    text: str
    body: Json | None


class Pms(Protocol):
    """What the API asks of a PMS, real or mock."""

    is_mock: bool

    def is_available(self) -> bool: ...

    async def availability(self, room_type: str, check_in: str, check_out: str) -> Json: ...

    async def book(self, booking: Json) -> Json: ...

    async def try_again(self) -> None: ...


class PmsClient:
    is_mock = False

    def __init__(
        self, http: httpx.AsyncClient, breaker: Breaker, timeout: float | None, seconds: Histogram
    ) -> None:
        """`timeout`: seconds for a whole call, connecting included; None waits for ever."""
        self._http = http
        self._breaker = breaker
        self._timeout = timeout
        self._seconds = seconds

    def is_available(self) -> bool:
        return self._breaker.is_closed()

    async def availability(self, room_type: str, check_in: str, check_out: str) -> Json:
        """The PMS's answer. Raises PmsError or PmsRefusedError."""
        query = {"room_type": room_type, "check_in": check_in, "check_out": check_out}
        return await self._ask(lambda: self._send("GET", "/rooms/availability", params=query))

    async def book(self, booking: Json) -> Json:
        """Send a booking to the PMS; twice is the same as once. Raises as above."""
        return await self._ask(lambda: self._send("POST", "/bookings", json=booking))

    async def try_again(self) -> None:
        """Put the PMS to the breaker's test when that is due."""
        await self._breaker.trial(lambda: self._send("GET", "/rooms/availability", params=TRIAL_QUERY))

    async def _ask(self, work: Callable[[], Awaitable[Answer]]) -> Json:
        try:
            answer = await self._breaker.call(work)
        except BreakerOpenError as error:
            raise PmsUnavailableError(str(error)) from error
        if answer.body is None:
            raise PmsRefusedError(answer.status, answer.text)
        return answer.body

    async def _send(
        self, method: str, path: str, params: dict[str, str] | None = None, json: Json | None = None
    ) -> Answer:
        begun = time.perf_counter()
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._http.request(method, path, params=params, json=json)
        except TimeoutError:
            raise PmsFailedError(f"{method} {path}: no answer within {self._timeout:g} s") from None
        except httpx.HTTPError as error:
            raise PmsFailedError(f"{method} {path}: {type(error).__name__} {error}") from error
        finally:
            self._seconds.observe(time.perf_counter() - begun)
        if response.status_code >= 500 or response.status_code in FAILURES:
            raise PmsFailedError(f"{method} {path}: answered {response.status_code}")
        return _understood(response)


def _understood(response: httpx.Response) -> Answer:
    """A refusal as it is; PmsFailedError for a success that is no JSON object."""
    if not response.is_success:
        return Answer(response.status_code, response.text, None)
    try:
        body = response.json()
    except ValueError as error:
        raise PmsFailedError("the PMS answered something that is not JSON") from error
    if not isinstance(body, dict):
        raise PmsFailedError("the PMS answered JSON that is not an object")
    return Answer(response.status_code, response.text, body)


def make_http(
    url: str, api_key: str, timeout: float | None, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """Connections to the PMS. Environment proxies are ignored: the PMS is a neighbour.

    `transport` is httpx's own unless a broken variant brings another."""
    return httpx.AsyncClient(
        transport=transport,
        base_url=url,
        headers={"Authorization": f"Bearer {api_key}"},
        timeout=httpx.Timeout(timeout),
        limits=httpx.Limits(max_connections=100, max_keepalive_connections=20),
        trust_env=False,
    )
