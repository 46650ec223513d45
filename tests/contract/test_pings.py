"""The smallest question of a role, put to the real server that plays it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from tenacity import AsyncRetrying, stop_after_delay, wait_fixed
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

from chaos.adapters.pings import round_trip
from chaos.model.stack import ServiceRole
from chaos.ports import RoundTrip

pytestmark = pytest.mark.containers
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Server:
    image: str
    role: ServiceRole
    port: int
    environment: tuple[tuple[str, str], ...] = ()


SERVERS = (
    Server("redis:8", ServiceRole.REDIS, 6379),
    Server("postgres:17", ServiceRole.POSTGRES, 5432, (("POSTGRES_PASSWORD", "of-a-test"),)),
)


@dataclass(frozen=True)
class Running:
    server: Server
    container: DockerContainer
    port: int

    async def ping(self, timeout: float) -> RoundTrip:
        return await round_trip(LOOPBACK, self.port, self.server.role, timeout, time.monotonic)


@pytest.fixture(scope="module", params=SERVERS, ids=lambda server: server.role)
def running(request: pytest.FixtureRequest) -> Iterator[Running]:
    """A server on a port of 127.0.0.1. No reaper: that is one more image, and the fixture removes its own."""
    server: Server = request.param
    testcontainers_config.ryuk_disabled = True
    made = DockerContainer(server.image)
    # with_bind_ports would open the port to the network
    made.ports[f"{server.port}/tcp"] = (LOOPBACK, None)  # type: ignore[assignment]
    for name, value in server.environment:
        made = made.with_env(name, value)
    with made as container:
        yield Running(server, container, int(container.get_exposed_port(server.port)))


@pytest.fixture
async def up(running: Running) -> Running:
    async for attempt in AsyncRetrying(stop=stop_after_delay(60), wait=wait_fixed(0.2), reraise=True):
        with attempt:
            assert (await running.ping(2.0)).outcome == "answered"
    return running


async def test_the_server_answers_its_role_s_question(up: Running) -> None:
    found = await up.ping(5.0)
    assert found.outcome == "answered"
    assert found.seconds is not None
    assert 0 < found.seconds < 5


async def test_a_server_that_is_paused_does_not(up: Running) -> None:
    container = up.container.get_wrapped_container()
    container.pause()
    try:
        assert (await up.ping(0.5)).outcome == "timeout"
    finally:
        container.unpause()
