"""The one question for all states, beside the port's own reading of each container."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

import docker
import pytest
from docker.models.containers import Container

from chaos.adapters.container_states import ContainerStates
from chaos.adapters.containers import DockerContainers
from chaos.adapters.engine_connection import connect
from chaos.adapters.labels import RUN_LABEL, SERVICE_LABEL
from chaos.errors import ToolProblem
from tests.contract.boxes import wait_until
from tests.engines import here

pytestmark = pytest.mark.containers
IMAGE = "redis:8"


@pytest.fixture
def run_id() -> str:
    return f"test-{uuid.uuid4().hex[:10]}"


@pytest.fixture
def engine() -> Iterator[docker.DockerClient]:
    engine = connect(here())
    yield engine
    engine.close()


@pytest.fixture
def cache(engine: docker.DockerClient, run_id: str) -> Iterator[Container]:
    second = 1_000_000_000  # the engine counts in nanoseconds
    check = {"test": ["CMD", "redis-cli", "ping"], "interval": second // 5, "timeout": second}
    container = engine.containers.run(
        IMAGE, detach=True, labels={RUN_LABEL: run_id, SERVICE_LABEL: "cache"}, healthcheck=check
    )
    yield container
    container.remove(force=True, v=True)


async def test_it_reads_what_the_port_reads(
    engine: docker.DockerClient, cache: Container, run_id: str
) -> None:
    states, containers = ContainerStates(run_id, engine), DockerContainers(run_id, engine)

    def healthy() -> bool:
        cache.reload()
        return bool(cache.health == "healthy")

    wait_until(healthy, "the container is healthy")
    alone = await containers.reading("cache")
    # A listing of all does not say when the engine started each, nor why it died.
    assert await states.read_all() == {"cache": replace(alone, started="", oom_killed=False)}
    await containers.pause("cache")
    paused = (await states.read_all())["cache"]
    assert paused.state == (await containers.reading("cache")).state == "paused"
    await containers.unpause("cache")
    await containers.kill("cache")
    killed = (await states.read_all())["cache"]
    assert (killed.state, killed.exit_code) == ("exited", 137)


async def test_containers_of_other_runs_are_not_listed(engine: docker.DockerClient, cache: Container) -> None:
    assert await ContainerStates("another-run", engine).read_all() == {}


async def test_an_engine_that_is_gone_is_reported() -> None:
    gone = docker.DockerClient(base_url="tcp://127.0.0.1:1", version="1.41", timeout=1)
    with pytest.raises(ToolProblem, match="could not list the containers"):
        await ContainerStates("x", gone).read_all()
