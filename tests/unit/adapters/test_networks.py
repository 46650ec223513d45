"""The networks of a container: what a disconnect removes, and what is missing, on an engine in memory."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from typing import Any, cast

import docker.errors
import pytest

from chaos.adapters.containers import DockerContainers
from chaos.adapters.labels import RUN_LABEL, SERVICE_LABEL
from chaos.adapters.networks import Attachment, DockerNetworks
from chaos.errors import ToolProblem
from chaos.faults.container_disconnect import ContainerDisconnect
from chaos.runner.undo import UndoList
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read


class Engine:
    """One container, ``db``. ``between``: awaited before the second network is disconnected."""

    def __init__(self) -> None:
        self.networks: dict[str, dict[str, Any]] = {
            name: {"NetworkID": f"id-{name}", "Aliases": ["db"]} for name in ("a", "b")
        }
        self.first, self.between = threading.Event(), threading.Event()
        self.between.set()
        self.refused: set[str] = set()
        self.api = self

    def containers(self, all: bool, filters: dict[str, list[str]]) -> list[dict[str, Any]]:
        return [{"Id": "db-1", "Labels": {}}]

    def inspect_container(self, name: str) -> dict[str, Any]:
        return {
            "Id": name,
            "Config": {"Labels": {RUN_LABEL: "run1", SERVICE_LABEL: "db"}},
            "State": {"Status": "running", "ExitCode": 0},
            "NetworkSettings": {"Networks": dict(self.networks)},
        }

    def disconnect_container_from_network(self, name: str, network: str) -> None:
        if self.first.is_set():
            self.between.wait()
        self.networks.pop(network.removeprefix("id-"))
        self.first.set()

    def _url(self, path: str, name: str) -> str:
        return path.format(name)

    def _post_json(self, url: str, data: dict[str, Any]) -> None:
        network = url.split("/")[2]
        assert (url, data["Container"]) == (f"/networks/{network}/connect", "db-1")
        if network in self.refused:
            raise docker.errors.APIError("no such network")
        self.networks[network.removeprefix("id-")] = {"NetworkID": network, **data["EndpointConfig"]}

    def _raise_for_status(self, answer: None) -> None:
        """It is always accepted."""


def networks_over(engine: Engine) -> DockerNetworks:
    client = cast(Any, engine)
    return DockerNetworks(DockerContainers("run1", client, 5.0), client)


async def test_the_undo_waits_for_the_disconnect_that_is_under_way() -> None:
    engine, fault = Engine(), read(fault="container.disconnect", service="db")
    engine.between.clear()
    context = replace(fault_context(fake_deployment()), networks=networks_over(engine))
    undo = UndoList(context, lambda event: None)
    undo.register(0, fault)
    injection = asyncio.ensure_future(fault.inject(context))
    await asyncio.to_thread(engine.first.wait)
    injection.cancel()
    undone = asyncio.ensure_future(undo.revert_all())
    try:
        assert not (await asyncio.wait({undone}, timeout=0.05))[0]
    finally:
        engine.between.set()  # or the loop would wait for the thread
    await undone
    assert (sorted(engine.networks), undo.failed) == (["a", "b"], [])


async def test_one_network_that_is_missing_is_no_undo() -> None:
    engine, fault = Engine(), read(fault="container.disconnect", service="db")
    assert isinstance(fault, ContainerDisconnect)
    context = replace(fault_context(fake_deployment()), networks=networks_over(engine))
    await fault.inject(context)
    engine.refused = {"id-b"}
    with pytest.raises(ToolProblem, match="no such network"):
        await fault.revert(context)
    assert not await fault.reverted(context)
    engine.refused = set()
    await fault.revert(context)
    assert await fault.reverted(context)


async def test_a_network_that_its_owner_took_away_between_two_faults_is_not_attached_again() -> None:
    engine = Engine()
    port = networks_over(engine)
    await port.disconnect("db")
    await port.reconnect("db")
    del engine.networks["a"]
    await port.disconnect("db")
    await port.disconnect("db")
    await port.reconnect("db")
    assert (sorted(engine.networks), await port.missing("db")) == (["b"], ())


async def test_everything_that_was_configured_comes_back() -> None:
    engine = Engine()
    configured = {
        "Aliases": ["db", "store"],
        "Links": ["shop-web-1:web"],
        "IPAMConfig": {
            "IPv4Address": "10.213.77.5",
            "IPv6Address": "fd00::5",
            "LinkLocalIPs": ["169.254.8.8"],
        },
        "DriverOpts": {"com.docker.network.endpoint.ifname": "eth7"},
        "GwPriority": 3,
    }
    made = {"IPAddress": "10.213.77.5", "MacAddress": "02:42:0a:d5:4d:05", "EndpointID": "e1"}
    engine.networks = {"a": {"NetworkID": "id-a", **configured, **made}}
    port = networks_over(engine)
    stored = Attachment.model_validate_json((await port.attachments("db"))[0].model_dump_json())
    await port.disconnect("db")
    await port.reconnect("db")
    assert engine.networks == {"a": {"NetworkID": "id-a", **configured}}
    assert stored == Attachment(network="id-a", configured=configured)
