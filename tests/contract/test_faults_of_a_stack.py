"""The kinds of fault that need a stack which Compose started, on one stack that stays up for all of them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml

from chaos.adapters.factory import AdapterFactory
from chaos.app.run_ports_factory import fault_context
from chaos.kinds import Fault
from chaos.model.plan import Plan
from chaos.model.stack import Stack, as_link
from chaos.ports import Execute, FaultContext
from chaos.redaction import Hiding
from chaos.timeline.events import Measurement
from chaos.timing import SystemClock
from tests.contract.baselines import baseline
from tests.contract.undoing import read_back, undo
from tests.engines import here
from tests.unit.adapters.stack.stand_in import plan_for
from tests.unit.faults.examples import name_of, read

pytestmark = pytest.mark.containers

COMPOSE = """
services:
  web: &server
    image: python:3.13-slim
    command: [python, /server.py]
    volumes: ["./server.py:/server.py:ro"]
    environment: {LEVEL: low, TOKEN: contract-s3cret}
    user: "65534"
    healthcheck:
      test: [CMD, python, -c, "import socket; socket.create_connection(('127.0.0.1', 8000)).close()"]
      interval: 500ms
      retries: 60
    stop_grace_period: 1s
    stop_signal: SIGKILL
  mock: *server
"""
SERVER = """
import http.server, json

class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = json.dumps({"rows": ["x" * 20] * 40}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-One", "1")
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else body)

    do_HEAD = do_GET

class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128  # a share asks 20 times at once, and a full queue costs a client a second

Server(("", 8000), Answer).serve_forever()
"""
STACK = """
stack: small
services: {web: {role: app}, mock: {role: http}}
links: {clients->web: 8000, web->mock: 8000}
load: {visitors: {entry: clients->web, requests: [{request: GET /}, {request: POST /orders}]}}
redact: [TOKEN]
"""
EXAMPLES: tuple[dict[str, object], ...] = (
    {"fault": "service.env", "service": "mock", "env": {"LEVEL": "high", "MORE": "it's $5"}},
    {"fault": "deploy.bad_version", "service": "web"},
    {"fault": "traffic.spike", "link": "clients->web", "rate": "40/s"},
    {"fault": "dns.gone", "link": "web->mock"},
    {"fault": "http.status", "link": "web->mock", "status": 503},
    {"fault": "http.status", "link": "web->mock", "status": 429, "share": 0.5, "path": "/items"},
    {"fault": "http.slow_body", "link": "web->mock", "rate": 200},
    {"fault": "http.bad_body", "link": "web->mock", "bytes": 100},
    {
        "fault": "http.bad_body",
        "link": "web->mock",
        "how": "malformed",
        "path": "/items",
        "ask": "/items?page=1",
    },
    {"fault": "http.no_header", "link": "web->mock", "header": "X-One"},
)
DEADLINE = 15.0  # real seconds within which an effect must show or be gone
T = TypeVar("T")


@dataclass
class Warm:
    """A running stack. Everything that reaches it runs in one loop."""

    context: FaultContext
    execute: Execute
    runner: asyncio.Runner
    folder: Path

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    folder = tmp_path_factory.mktemp("warm")
    (folder / "docker-compose.yml").write_text(COMPOSE)
    (folder / "server.py").write_text(SERVER)
    with asyncio.Runner() as runner:
        opened = AsyncExitStack()
        plan = with_faults(plan_for(Stack.model_validate(yaml.safe_load(STACK)), folder))
        try:
            context, execute = runner.run(start(plan, folder / "run", opened))
            yield Warm(context, execute, runner, folder / "run")
        finally:
            runner.run(opened.aclose())


def with_faults(plan: Plan) -> Plan:
    """The links have the proxies that the faults of the timeline ask for."""
    timeline = tuple(read(**example) for example in EXAMPLES)
    return plan.model_copy(update={"scenario": plan.scenario.model_copy(update={"timeline": timeline})})


async def start(plan: Plan, folder: Path, opened: AsyncExitStack) -> tuple[FaultContext, Execute]:
    """What reaches a stack that is up, and runs commands in it. It is removed when ``opened`` is closed."""
    folder.mkdir()
    factory = AdapterFactory(here())
    watchdog = opened.enter_context(factory.start_watchdog(folder))
    deploying = factory.deploy(plan, folder, secrets.token_hex(3), watchdog)
    deployment = await opened.enter_async_context(deploying)

    async def remove() -> None:
        assert not await deployment.stack.down()

    opened.push_async_callback(remove)
    await deployment.stack.up(90)
    return fault_context(plan, folder, deployment, watchdog, SystemClock(), Hiding()), deployment.execute


@pytest.mark.parametrize("example", EXAMPLES, ids=name_of)
def test_takes_effect_while_in_place_and_not_after(warm: Warm, example: dict[str, object]) -> None:
    fault, context = read(**example), warm.context

    async def play() -> None:
        await undo(fault, context)  # there is nothing to undo
        before = await served(fault, context)
        try:
            await fault.inject(context)
            await until(fault, before, context, took_effect=True)
            assert not await read_back(fault, context)
            await fault.inject(context)
        finally:
            await undo(fault, context)
        await undo(fault, context)
        await until(fault, before, context, took_effect=False)
        await served(fault, context)

    warm.run(play())


def test_a_share_of_requests_is_exact_over_ten_of_them(warm: Warm) -> None:
    """A quarter of twenty, twice. Drawn for each request alone, both would be five once in 24 times."""
    fault = read(fault="http.status", link="web->mock", status=503, share=0.25, path="/items")

    async def play() -> list[object]:
        await served(fault, warm.context)
        try:
            await fault.inject(warm.context)
            return [(await fault.measure(warm.context)).values["affected"] for _ in range(2)]
        finally:
            await undo(fault, warm.context)

    assert warm.run(play()) == [5, 5]


def test_the_old_version_serves_on_beside_a_bad_one_that_gets_no_traffic(warm: Warm) -> None:
    fault, web = read(fault="deploy.bad_version", service="web"), as_link("clients->web")

    async def play() -> None:
        await served(fault, warm.context)
        try:
            await fault.inject(warm.context)
            trips = [await warm.context.links.round_trip(web, timeout=10.0) for _ in range(20)]
            assert {trip.outcome for trip in trips} == {"answered"}
        finally:
            await undo(fault, warm.context)

    warm.run(play())


CLIENT = """
import http.client
try:
    connection = http.client.HTTPConnection("mock", 8000, timeout=15)
    connection.request("GET", "/items")
    answer = connection.getresponse()
    print(answer.status, len(answer.read()), answer.getheader("X-One"))
except (OSError, http.client.HTTPException) as error:
    print(type(error).__name__)
"""


@pytest.mark.parametrize(
    ("example", "seen"),
    [
        ({"fault": "dns.gone", "link": "web->mock"}, "gaierror"),
        ({"fault": "http.status", "link": "web->mock", "status": 429}, "429 20 None"),
        ({"fault": "http.bad_body", "link": "web->mock", "bytes": 100}, "IncompleteRead"),
        ({"fault": "http.bad_body", "link": "web->mock", "how": "malformed"}, "200 15 None"),
        ({"fault": "http.no_header", "link": "web->mock", "header": "X-One"}, "200 970 None"),
    ],
    ids=lambda value: value if isinstance(value, str) else name_of(value),
)
def test_what_a_client_inside_the_network_sees(warm: Warm, example: dict[str, object], seen: str) -> None:
    fault = read(**example)

    async def ask() -> str:
        return (await warm.execute("web", ["python", "-c", CLIENT], 40)).stdout_text.strip()

    async def play() -> tuple[str, str, str]:
        await served(fault, warm.context)
        before = await ask()
        try:
            await fault.inject(warm.context)
            during = await ask()
        finally:
            await undo(fault, warm.context)
        return before, during, await ask()

    assert warm.run(play()) == ("200 970 1", seen, "200 970 1")


OVERLAPPING: tuple[dict[str, object], ...] = (
    {"fault": "http.status", "link": "web->mock", "status": 503, "path": "/items"},
    {"fault": "link.latency", "link": "web->mock", "latency": "300ms"},
    {"fault": "service.env", "service": "web", "env": {"LEVEL": "high"}},
)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)], ids=str)
def test_overlapping_faults_are_undone_in_any_order_each_of_them_alone(
    warm: Warm, order: tuple[int, ...]
) -> None:
    faults, context = [read(**example) for example in OVERLAPPING], warm.context

    async def play() -> None:
        await served(faults[0], context)
        before = [await baseline(fault, context) for fault in faults]
        try:
            for fault in faults:
                await fault.inject(context)
            for done, index in enumerate(order):
                for still in order[done:]:
                    assert not await read_back(faults[still], context)
                    await until(faults[still], before[still], context, took_effect=True)
                await undo(faults[index], context)
                for gone in order[: done + 1]:
                    assert await read_back(faults[gone], context)
                    await until(faults[gone], before[gone], context, took_effect=False)
        finally:
            for fault in faults:
                await undo(fault, context)

    warm.run(play())


def test_no_file_of_the_run_holds_a_value_that_a_fault_sets(warm: Warm) -> None:
    texts = [path.read_text() for path in warm.folder.rglob("*") if path.is_file()]
    assert len(texts) > 2
    assert not any("it's $5" in text or "it's $$5" in text for text in texts)


async def served(fault: Fault, context: FaultContext) -> Measurement:
    """The baseline, once every link is answered: the test before may have replaced a container."""
    deadline = context.clock.mono() + DEADLINE
    for link in (as_link("clients->web"), as_link("web->mock")):
        while (seen := (await context.links.round_trip(link)).outcome) != "answered":
            assert context.clock.mono() < deadline, f"{link} is {seen} before the fault"
            await context.clock.sleep(0.05)
    return await baseline(fault, context)


async def until(fault: Fault, before: Measurement, context: FaultContext, *, took_effect: bool) -> None:
    deadline = context.clock.mono() + DEADLINE
    while fault.took_effect(before, now := await fault.measure(context)) is not took_effect:
        assert context.clock.mono() < deadline, f"took_effect should be {took_effect}: {now} beside {before}"
        await context.clock.sleep(0.05)
