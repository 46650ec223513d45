"""The HTTP probe: what a client sees, 10 times a second.

Every reading dials anew. A kept connection would show the state of the connection, not of the service:
it survives a closed listener, hides a refusal behind one reset, and breaks by itself when the server
tires of it. Readings start on schedule whether or not earlier ones were answered, so a slow target is
sampled as often as a fast one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from math import ceil

import httpx

from chaos.model.scenario import HttpCondition
from chaos.probes.conditions import HttpAnswer, http_holds
from chaos.timeline.events import Sample
from chaos.timing import Clock

DEFAULT_HZ = 10.0
LOCAL = "http://127.0.0.1:"

Ask = Callable[[HttpCondition], Awaitable[HttpAnswer]]
Write = Callable[[Sample], None]


async def run_http_probe(
    condition: HttpCondition,
    label: str,
    base_url: str,
    write: Write,
    clock: Clock,
    hz: float = DEFAULT_HZ,
) -> None:
    """Sample ``base_url`` (http://127.0.0.1:PORT) until cancelled; one ``Sample`` a reading, named
    ``label``.
    """
    async with HttpAsker(base_url) as asker:
        await sample_http(condition, label, asker.ask, write, clock, hz)


async def sample_http(
    condition: HttpCondition, label: str, ask: Ask, write: Write, clock: Clock, hz: float = DEFAULT_HZ
) -> None:
    """Start a reading every ``1 / hz`` seconds until cancelled.

    Every reading is bounded by the condition's time-out, so there are never more than ``hz * timeout``
    at once; beyond that (this machine stood still) one is left out, and the gap shows in the recording.
    """
    most = ceil(hz * condition.timeout) + 2
    began, number = clock.mono(), 0
    readings: set[asyncio.Task[None]] = set()
    failed: list[BaseException] = []

    def finished(reading: asyncio.Task[None]) -> None:
        readings.discard(reading)
        if not reading.cancelled() and (problem := reading.exception()) is not None:
            failed.append(problem)

    try:
        while not failed:
            if len(readings) < most:
                reading = asyncio.create_task(_read_once(condition, label, ask, write, clock))
                readings.add(reading)
                reading.add_done_callback(finished)
            # Ticks missed while this machine stood still are not made up for: they would come as a burst.
            number = max(number + 1, ceil((clock.mono() - began) * hz))
            await clock.sleep(began + number / hz - clock.mono())
        raise failed[0]  # not the target's failure, ours: a reading that cannot be written
    finally:
        for reading in tuple(readings):
            reading.cancel()
        await asyncio.gather(*readings, return_exceptions=True)


async def _read_once(condition: HttpCondition, label: str, ask: Ask, write: Write, clock: Clock) -> None:
    started = clock.wall()
    answer = await ask(condition)
    seen = http_holds(condition, answer)
    write(
        Sample(
            at=clock.wall(),
            mono=clock.mono(),
            probe=label,
            ok=seen.holds,
            started=started,
            status=answer.status,
            detail=seen.detail,
        )
    )


class HttpAsker:
    """Asks one local address; an async context manager around its client."""

    def __init__(self, base_url: str) -> None:
        if not base_url.startswith(LOCAL):
            raise ValueError(f"probes go to {LOCAL}PORT and nowhere else, got {base_url!r}")
        self._client = httpx.AsyncClient(
            base_url=base_url,
            headers={"Connection": "close", "User-Agent": "gameday-probe"},
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            timeout=None,  # ours bounds the whole exchange
            trust_env=False,  # a proxy of the user's environment is no client of the stack
            verify=False,  # only http; building a TLS context takes 20 ms
        )

    async def __aenter__(self) -> HttpAsker:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def ask(self, condition: HttpCondition) -> HttpAnswer:
        """One request, bounded by ``condition.timeout`` from dialling to the last byte; never raises for
        the target.
        """
        try:
            async with asyncio.timeout(condition.timeout):
                answer = await self._client.request(
                    condition.method, condition.path, headers=condition.headers, follow_redirects=False
                )
        except TimeoutError:
            return HttpAnswer(None, error="timeout")
        except (httpx.TransportError, httpx.DecodingError) as problem:
            return HttpAnswer(None, error=error_word(problem))
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return HttpAnswer(answer.status_code, headers, answer.content)


def error_word(problem: BaseException) -> str:
    """Why there was no answer, in the words of the recording: refused, reset, timeout or closed."""
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, ConnectionRefusedError):
            return "refused"
        if isinstance(cause, (ConnectionResetError, BrokenPipeError)):
            return "reset"
        if isinstance(cause, TimeoutError):
            return "timeout"
        cause = cause.__cause__ or cause.__context__
    return "refused" if isinstance(problem, httpx.ConnectError) else "closed"
