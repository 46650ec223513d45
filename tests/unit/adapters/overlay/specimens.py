"""A small plain project, as Compose renders it, and the stack.yaml beside it."""

from __future__ import annotations

import json
from typing import Any

from chaos.adapters.overlay.compose_file import ComposeFile, read_compose_json
from chaos.adapters.overlay.splice import splice
from chaos.adapters.overlay.topology import Topology, plan_topology
from chaos.adapters.overlay.wiring import Wiring
from chaos.model.stack import Stack

Body = dict[str, Any]  # a test may be loose where the product may not


def service(**body: Any) -> Body:
    return {"image": "redis:8", "networks": {"default": None}} | body


def shop() -> Body:
    """web -> db, web -> queue; a watcher scrapes web; worker is a second client of db without links."""
    return {
        "name": "shop",
        "services": {
            "web": service(
                ports=[{"target": 80, "published": "80"}], environment={"TOKEN": "s3cret", "A": "b"}
            ),
            "db": service(),
            "queue": service(),
            "worker": service(),
            "watcher": service(),
        },
        "networks": {"default": {"name": "shop_default"}},
        "volumes": {"data": {"name": "shop_data"}},
    }


def read(project: Body | None = None) -> ComposeFile:
    return read_compose_json(json.dumps(project or shop()))


def stack(links: dict[str, int] | None = None, **more: Any) -> Stack:
    links = {"clients->web": 80, "web->db": 6379, "web->queue": 6380} if links is None else links
    return Stack.model_validate({"stack": "shop", "services": {"web": {}}, "links": links} | more)


def wiring(topology: Topology, **more: Any) -> Wiring:
    wanted = [(c.service, port) for c in topology.containers for port in c.ports]
    values: Body = {
        "project": "gameday-abc123",
        "labels": {"gameday.run": "abc123"},
        "ports": {key: 20000 + number for number, key in enumerate(wanted)},
        "proxy_configs": {c.service: f"/run/{c.service}.json" for c in topology.containers},
    }
    return Wiring(**(values | more))


def spliced(project: Body | None = None, of: Stack | None = None, **more: Any) -> Body:
    compose = read(project)
    topology = plan_topology(of or stack(), compose)
    return dict(splice(compose, topology, wiring(topology, **more)))
