"""Which containers of a project are reached by its name, and where its ports are, on an engine in memory."""

from __future__ import annotations

from typing import Any, cast

import pytest

from chaos.adapters.attached import attached_project, services_of
from chaos.adapters.networks import Attachment
from chaos.errors import BadInput, ToolProblem
from chaos.model.stack import Stack

PROJECT, SERVICE = "com.docker.compose.project", "com.docker.compose.service"
STACK = Stack.model_validate(
    {
        "stack": "shop",
        "services": {"web": {"role": "app"}, "db": {"role": "other"}},
        "links": {"clients->web": 80, "web->db": 5432},
    }
)


class Engine:
    """The calls that an attached project needs; there is none that removes."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.log: list[str] = []
        self.attached: dict[str, dict[str, Any]] = {}
        self.api = self

    def add(self, project: str, service: str, *ports: tuple[str, int, int], **labels: str) -> str:
        name = f"{project}-{service}-{len(self.rows)}"
        listed = [
            {"IP": ip, "PrivatePort": inside, "PublicPort": outside, "Type": "tcp"}
            for ip, inside, outside in ports
        ]
        self.rows.append(
            {"Id": name, "Labels": {PROJECT: project, SERVICE: service} | labels, "Ports": listed}
        )
        return name

    def containers(self, all: bool, filters: dict[str, list[str]]) -> list[dict[str, Any]]:
        assert all
        wanted = dict(label.split("=", 1) for label in filters["label"])
        return [row for row in self.rows if wanted.items() <= row["Labels"].items()]

    def inspect_container(self, name: str) -> dict[str, Any]:
        (row,) = (row for row in self.rows if row["Id"] == name)
        networks = self.attached.get(name, {})
        return {
            "Id": name,
            "Config": {"Labels": row["Labels"]},
            "State": {"Status": "running", "ExitCode": 0},
            "NetworkSettings": {"Networks": networks},
        }

    def kill(self, name: str, signal: str) -> None:
        self.log.append(f"kill {name}")

    def _url(self, path: str, name: str) -> str:
        return path.format(name)

    def _post_json(self, url: str, data: dict[str, Any]) -> None:
        self.log.append(f"{url} {data}")

    def _raise_for_status(self, answer: None) -> None:
        """It is always accepted."""


@pytest.fixture
def engine() -> Engine:
    return Engine()


def attached(engine: Engine, **more: Any) -> Any:
    return attached_project("shop", STACK, cast(Any, engine), **more)


async def test_only_containers_of_the_project_are_broken(engine: Engine) -> None:
    engine.add("other", "db")
    with pytest.raises(ToolProblem, match="project shop has no container of that service"):
        await attached(engine).containers.kill("db")
    name = engine.add("shop", "db")
    await attached(engine).containers.kill("db")
    assert engine.log == [f"kill {name}"]


def test_the_stack_of_a_run_and_a_project_that_is_not_there_are_refused(engine: Engine) -> None:
    with pytest.raises(BadInput, match="project shop has no container here"):
        services_of("shop", cast(Any, engine))
    engine.add("shop", "db", **{"gameday.run": "abc123"})
    with pytest.raises(BadInput, match="is the stack of a gameday run"):
        services_of("shop", cast(Any, engine))


def test_services_with_several_containers_are_left_out(engine: Engine) -> None:
    for service in ("db", "web", "web"):
        engine.add("shop", service)
    assert services_of("shop", cast(Any, engine)) == ("db",)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:32768"),
        ("::", "http://127.0.0.1:32768"),
        ("127.0.0.1", "http://127.0.0.1:32768"),
        ("::1", "http://[::1]:32768"),
    ],
)
def test_clients_reach_a_published_port_here(engine: Engine, address: str, url: str) -> None:
    engine.add("shop", "web", (address, 80, 32768))
    assert attached(engine).entries == {"web": url}


def test_a_port_is_looked_up_anew_and_the_last_one_counts_while_its_container_is_down(engine: Engine) -> None:
    engine.add("shop", "web", ("0.0.0.0", 80, 32768))
    project = attached(engine)
    assert project.entries == {"web": "http://127.0.0.1:32768"}
    engine.rows[0]["Ports"] = []
    assert project.entries == {"web": "http://127.0.0.1:32768"}
    engine.rows[0]["Ports"] = [{"IP": "::", "PrivatePort": 80, "PublicPort": 40000, "Type": "tcp"}]
    assert project.entries == {"web": "http://127.0.0.1:40000"}


def test_a_port_that_is_not_published_is_said(engine: Engine) -> None:
    engine.add("shop", "db")
    with pytest.raises(ToolProblem, match="project shop publishes no port 5432 of db"):
        attached(engine).ports.of_service("db")
    assert attached(engine).entries == {}


async def test_another_process_attaches_a_container_as_it_was(engine: Engine) -> None:
    name = engine.add("shop", "db")
    engine.attached[name] = {"n": {"NetworkID": "n1", "Aliases": ["db"], "IPAMConfig": None}}
    before = await attached(engine).networks.attachments("db")
    assert before == (Attachment(network="n1", configured={"Aliases": ["db"]}),)
    engine.attached[name] = {}
    await attached(engine, before={"db": before}).networks.reconnect("db")
    body = {"Container": name, "EndpointConfig": {"Aliases": ["db"]}}
    assert engine.log == [f"/networks/n1/connect {body}"]
