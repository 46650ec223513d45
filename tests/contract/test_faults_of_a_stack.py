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
from chaos.ports import FaultContext
from chaos.timeline.events import Measurement
from chaos.timing import SystemClock
from tests.engines import here
from tests.unit.adapters.stack.stand_in import plan_for
from tests.unit.faults.examples import read

pytestmark = pytest.mark.containers

COMPOSE = """
services:
  web: &server
    image: python:3.13-slim
    command: [python, -m, http.server, "8000", --bind, 0.0.0.0]
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
STACK = """
stack: small
services: {web: {role: app}, mock: {role: http}}
links: {clients->web: 8000, web->mock: 8000}
load: {visitors: {entry: clients->web, requests: [{request: GET /}, {request: POST /orders}]}}
redact: [TOKEN]
"""
DEADLINE = 15.0  # real seconds within which an effect must show or be gone
T = TypeVar("T")


@dataclass
class Warm:
    """A running stack. Everything that reaches it runs in one loop."""

    context: FaultContext
    runner: asyncio.Runner
    folder: Path

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    folder = tmp_path_factory.mktemp("warm")
    (folder / "docker-compose.yml").write_text(COMPOSE)
    with asyncio.Runner() as runner:
        opened = AsyncExitStack()
        plan = plan_for(Stack.model_validate(yaml.safe_load(STACK)), folder)
        try:
            context = runner.run(start(plan, folder / "run", opened))
            yield Warm(context, runner, folder / "run")
        finally:
            runner.run(opened.aclose())


async def start(plan: Plan, folder: Path, opened: AsyncExitStack) -> FaultContext:
    """A stack that is up; it is removed when ``opened`` is closed."""
    folder.mkdir()
    factory = AdapterFactory(here())
    watchdog = opened.enter_context(factory.start_watchdog(folder))
    deploying = factory.deploy(plan, folder, secrets.token_hex(3), watchdog)
    deployment = await opened.enter_async_context(deploying)
    opened.push_async_callback(deployment.stack.down)
    await deployment.stack.up(90)
    return fault_context(plan, folder, deployment, watchdog, SystemClock())


@pytest.mark.parametrize(
    "example",
    [
        {"fault": "service.env", "service": "mock", "env": {"LEVEL": "high", "MORE": "it's $5"}},
        {"fault": "deploy.bad_version", "service": "web"},
        {"fault": "traffic.spike", "link": "clients->web", "rate": "40/s"},
    ],
    ids=lambda example: str(example["fault"]),
)
def test_takes_effect_while_in_place_and_not_after(warm: Warm, example: dict[str, object]) -> None:
    fault, context = read(**example), warm.context

    async def play() -> None:
        await fault.revert(context)
        assert await fault.reverted(context), "there is nothing to undo"
        before = await served(fault, context)
        try:
            await fault.inject(context)
            await until(fault, before, context, took_effect=True)
            assert not await fault.reverted(context)
            await fault.inject(context)
        finally:
            await fault.revert(context)
            await fault.revert(context)
        assert await fault.reverted(context)
        await until(fault, before, context, took_effect=False)
        await served(fault, context)

    warm.run(play())


def test_the_old_version_serves_on_beside_a_bad_one_that_gets_no_traffic(warm: Warm) -> None:
    fault, web = read(fault="deploy.bad_version", service="web"), as_link("clients->web")

    async def play() -> None:
        await served(fault, warm.context)
        try:
            await fault.inject(warm.context)
            trips = [await warm.context.links.round_trip(web) for _ in range(20)]
            assert {trip.outcome for trip in trips} == {"answered"}
        finally:
            await fault.revert(warm.context)

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
    return await fault.measure(context)


async def until(fault: Fault, before: Measurement, context: FaultContext, *, took_effect: bool) -> None:
    deadline = context.clock.mono() + DEADLINE
    while fault.took_effect(before, now := await fault.measure(context)) is not took_effect:
        assert context.clock.mono() < deadline, f"took_effect should be {took_effect}: {now} beside {before}"
        await context.clock.sleep(0.05)
