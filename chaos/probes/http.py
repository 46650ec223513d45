"""The HTTP probe: what a client sees, 12.5 times a second.

Every reading opens a connection. A connection that is kept open shows its own state, not that of the service:
it survives a closed listener, shows a refusal only as one reset, and ends when the server's idle time-out is
over. Readings start on schedule whether or not earlier ones were answered, so the probe samples a slow target
as often as a fast one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from string import Template
from urllib.parse import quote
from uuid import uuid4

import h11

from chaos.collector import Answer
from chaos.conditions import HttpAnswer, http_holds
from chaos.model.rhythm import PROBE_HZ
from chaos.model.scenario import HttpCondition
from chaos.probes.steady_rate import PacedProbe, Write
from chaos.templates import each_text
from chaos.timeline.observations import ProbeKind
from chaos.timeline.requests import OVERLOAD, socket_error
from chaos.timing import Clock

HOST = "127.0.0.1"
LOCAL = f"http://{HOST}:"
MOST_BYTES = 8_000_000  # of a body: in 2 s an endless one could send gigabytes
MOST_EVENTS = 20_000  # of one answer: chunks of one byte would keep this process busy for the whole time-out
URL_CHARACTERS = "/?&=%:;,+$@!*'()~[]"

Ask = Callable[[HttpCondition], Awaitable[HttpAnswer]]


async def run_http_probe(
    condition: HttpCondition,
    label: str,
    base_url: str,
    write: Write,
    clock: Clock,
    hz: float = PROBE_HZ,
) -> None:
    """Sample ``base_url`` (http://127.0.0.1:PORT) until cancelled. Each reading becomes a ``Sample`` of the
    probe ``label``. Raises ``ValueError`` for any other URL.
    """
    await sample_http(condition, label, HttpAsker(base_url).ask, write, clock, hz)


async def sample_http(
    condition: HttpCondition, label: str, ask: Ask, write: Write, clock: Clock, hz: float = PROBE_HZ
) -> None:
    """Start a reading every ``1 / hz`` seconds until cancelled. ``ask`` must keep ``condition.timeout``."""

    async def once() -> Answer | None:
        answer = await ask(condition)
        if answer.error == OVERLOAD:
            return None
        seen = http_holds(condition, answer)
        return Answer(seen.holds, status=answer.status, detail=seen.detail)

    await PacedProbe(label, ProbeKind.HTTP, 1 / hz, condition.timeout, once, write, clock).run()


class HttpAsker:
    """Sends requests to one local address and keeps nothing between two of them.

    It uses asyncio and h11: a reading costs 0.5 ms of CPU in gameday's event loop, with httpx 2.2 ms
    (``bench/``), and the error of the socket says how a request failed. Raises ``ValueError`` unless
    ``base_url`` is http://127.0.0.1:PORT.
    """

    def __init__(self, base_url: str) -> None:
        port = base_url.removeprefix(LOCAL).rstrip("/")
        if not base_url.startswith(LOCAL) or not port.isdecimal():
            raise ValueError(f"probes may only go to {LOCAL}PORT, got {base_url!r}")
        self._port = int(port)

    async def ask(self, condition: HttpCondition) -> HttpAnswer:
        """One request. ``condition.timeout`` limits the time from dialling to the last byte. Never raises
        because of the target.
        """
        try:
            async with asyncio.timeout(condition.timeout):
                reader, writer = await asyncio.open_connection(HOST, self._port)
                try:
                    return await self._exchange(condition, reader, writer)
                finally:
                    writer.transport.abort()  # close at once: the whole request was sent
        except (OSError, h11.RemoteProtocolError) as problem:
            return HttpAnswer(None, error=error_word(problem))

    async def _exchange(
        self, condition: HttpCondition, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> HttpAnswer:
        exchange = h11.Connection(h11.CLIENT)
        own = {
            "host": f"{HOST}:{self._port}",
            "connection": "close",
            "user-agent": "gameday-probe",
            "accept": "*/*",
        }
        fresh = {"uuid": str(uuid4())}

        def filled(text: str) -> str:
            return Template(text).safe_substitute(fresh)

        headers = own | {name.lower(): filled(value) for name, value in condition.headers.items()}
        body = b""
        if condition.json_body is not None:
            body = json.dumps(each_text(condition.json_body, filled)).encode()
            headers = {"content-type": "application/json"} | headers | {"content-length": str(len(body))}
        target = quote(condition.path, safe=URL_CHARACTERS)
        request = h11.Request(method=condition.method, target=target, headers=list(headers.items()))
        parts: list[h11.Event] = [request, *([h11.Data(data=body)] if body else []), h11.EndOfMessage()]
        writer.write(b"".join(exchange.send(part) or b"" for part in parts))
        head, received = None, bytearray()
        for _ in range(MOST_EVENTS):
            event = exchange.next_event()
            if event is h11.NEED_DATA:
                exchange.receive_data(await reader.read(65536))
            elif isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                received += event.data
                if len(received) > MOST_BYTES:
                    return HttpAnswer(None, error="endless")
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                names = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
                return HttpAnswer(head.status_code, names, bytes(received))
            elif not isinstance(event, h11.InformationalResponse):
                return HttpAnswer(None, error="closed")
        return HttpAnswer(None, error="endless")


def error_word(problem: BaseException) -> str:
    """Why there was no answer, as recordings say it."""
    return "closed" if isinstance(problem, h11.RemoteProtocolError) else socket_error(problem)
