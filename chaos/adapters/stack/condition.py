"""The state of the containers and proxies of a stack, so that two moments can be compared.

It excludes a service's data, uptime and log: a run leaves traces there that no undo removes, and its report
says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from docker import DockerClient

from chaos.adapters.engine_connection import engine_errors
from chaos.adapters.links import ToxiproxyLinks
from chaos.adapters.stack.start_progress import list_containers
from chaos.model.links import LinkName

Condition = Mapping[tuple[str, str], str]
"""(service or link, property) -> its value as text."""

_LIMITS = ("Memory", "MemorySwap", "NanoCpus", "CpuQuota", "CpuPeriod", "PidsLimit")


async def stack_condition(
    client: DockerClient, run_id: str, links: ToxiproxyLinks, names: tuple[LinkName, ...]
) -> Condition:
    """Read it. Raises ``ToolProblem`` or ``StackProblem`` if something cannot be read."""
    found = await asyncio.to_thread(_containers, client, run_id)
    for link in names:
        enabled, toxics = await asyncio.gather(links.enabled(link), links.toxics(link))
        found[(f"link {link}", "proxy")] = "open" if enabled else "closed"
        found[(f"link {link}", "toxics")] = ", ".join(sorted(toxic.name for toxic in toxics)) or "none"
    return found


def differing(before: Condition, after: Condition) -> tuple[str, ...]:
    """The differences, in words. Pure."""
    return tuple(
        f"{subject}: {what} was {_shown(before.get((subject, what)))} and is "
        f"{_shown(after.get((subject, what)))}"
        for subject, what in sorted(before.keys() | after.keys())
        if before.get((subject, what)) != after.get((subject, what))
    )


def _shown(value: str | None) -> str:
    return "not there" if value is None else value


def _containers(client: DockerClient, run_id: str) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    with engine_errors("read how the stack is"):
        for seen in list_containers(client, run_id):
            body = client.api.inspect_container(seen.container_id)
            for what, value in _facts(body).items():
                key = (seen.service, what)
                found[key] = f"{found[key]} / {value}" if key in found else value  # several replicas
    return found


def _facts(body: Mapping[str, Any]) -> dict[str, str]:
    """The state of one container. Values of variables are secrets: only a change of their names shows."""
    config, host, state = body["Config"], body["HostConfig"], body["State"]
    networks = body["NetworkSettings"]["Networks"] or {}
    limits = {name: host.get(name) for name in _LIMITS}
    return {
        "state": str(state["Status"]) + (f" {state['Health']['Status']}" if state.get("Health") else ""),
        "image": str(body["Image"]),
        "command": str(config.get("Cmd")),
        "variables": ", ".join(sorted(str(one).partition("=")[0] for one in config.get("Env") or ())),
        "limits": ", ".join(f"{name} {value}" for name, value in limits.items() if value) or "none",
        "restart policy": str((host.get("RestartPolicy") or {}).get("Name") or "no"),
        "networks": ", ".join(sorted(networks)),
        "volumes": ", ".join(sorted(f"{m.get('Name', '')}:{m['Destination']}" for m in body["Mounts"])),
    }
