"""What the losses destroy, on a real engine: what carries the run's label, and not its neighbour's."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from chaos.adapters.engine_connection import connect
from chaos.adapters.labels import OWNER_LABEL, RUN_LABEL, SERVICE_LABEL, VOLUME_LABEL
from chaos.adapters.stack.owner import current_owner
from chaos.adapters.stack.sweep import belongings, remove_run
from chaos.adapters.storage import DockerStorage
from chaos.errors import ToolProblem
from tests.engines import here

pytestmark = pytest.mark.containers
IMAGE = "redis:8"


class Site:
    """A network, and services each on a volume ``<service>-data``."""

    def __init__(self) -> None:
        self.client = connect(here())
        self.run_id = f"storage-{secrets.token_hex(3)}"
        self.storage = DockerStorage(self.run_id, self.client)
        self.network = self.client.networks.create(self.run_id, labels=self._labels())

    def add(self, service: str, volume: str) -> None:
        name = f"{self.run_id}-{volume}"
        self.client.volumes.create(name, labels={**self._labels(), VOLUME_LABEL: volume})
        self.client.containers.run(
            IMAGE,
            name=f"{self.run_id}-{service}",
            labels={**self._labels(), SERVICE_LABEL: service},
            volumes={name: {"bind": "/data", "mode": "rw"}},
            network=self.network.name,
            detach=True,
        )

    def _labels(self) -> dict[str, str]:
        return {RUN_LABEL: self.run_id, OWNER_LABEL: str(current_owner())}


@pytest.fixture
def site() -> Iterator[Site]:
    here = Site()
    try:
        yield here
    finally:
        assert not remove_run(here.client, here.run_id, 20.0)


@pytest.fixture
def neighbour() -> Iterator[Site]:
    there = Site()
    try:
        there.add("db", "db-data")
        yield there
    finally:
        assert not remove_run(there.client, there.run_id, 20.0)


async def test_a_service_goes_with_its_volume_and_the_others_stay(site: Site, neighbour: Site) -> None:
    site.add("db", "db-data")
    site.add("web", "web-data")
    for _ in range(2):
        await site.storage.lose_volume("db", "db-data")
        standing = await site.storage.standing()
        assert standing.containers == ("web",)
        assert standing.volumes == ("web-data",)
    assert (await neighbour.storage.standing()).volumes == ("db-data",)


async def test_a_volume_that_someone_else_uses_is_reported_not_passed_over(site: Site) -> None:
    site.add("db", "db-data")
    site.client.containers.run(
        IMAGE,
        name=f"{site.run_id}-second",
        labels={RUN_LABEL: site.run_id, SERVICE_LABEL: "second"},
        volumes={f"{site.run_id}-db-data": {"bind": "/data", "mode": "rw"}},
        detach=True,
    )
    with pytest.raises(ToolProblem, match="in use"):
        await site.storage.lose_volume("db", "db-data")


async def test_everything_goes_and_the_neighbour_stays(site: Site, neighbour: Site) -> None:
    site.add("db", "db-data")
    await site.storage.lose_everything()
    standing = await site.storage.standing()
    assert (standing.containers, standing.networks, standing.volumes) == ((), (), ())
    assert belongings(neighbour.client, neighbour.run_id).containers
