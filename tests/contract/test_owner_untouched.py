"""A copy of a project that its owner has running is not touched by a run of the same project."""

from __future__ import annotations

import asyncio
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from chaos.adapters.stack.runtime import StackRuntime
from chaos.errors import StackProblem
from chaos.model.stack import Stack
from tests.engines import here
from tests.unit.adapters.stack.stand_in import plan_for

pytestmark = pytest.mark.containers

COMPOSE = """
services:
  web:
    image: redis:8
    container_name: {name}-web
    ports: ["127.0.0.1::6379"]
    restart: always
    labels: {{traefik.enable: "true"}}
    networks: [default, outer]
    depends_on: [db]
  db:
    image: redis:8
    command: [redis-server, --appendonly, "yes"]
    volumes: ["./data:/data", "kept:/kept", "own:/own"]
    healthcheck: {{test: [CMD-SHELL, "redis-cli ping | grep PONG"], interval: 500ms, retries: 60}}
    networks: {{default: {{ipv4_address: 10.213.77.5}}}}
networks:
  default: {{ipam: {{config: [{{subnet: 10.213.77.0/24}}]}}}}
  outer: {{external: true, name: {name}-outer}}
volumes:
  own: {{}}
  kept: {{external: true, name: {name}-kept}}
"""
STACK = """
stack: mine
services: {web: {role: redis}, db: {role: redis}}
links: {clients->web: 6379, web->db: 6379}
"""


def docker(*words: str) -> str:
    return subprocess.run(["docker", *words], capture_output=True, text=True, timeout=120, check=True).stdout


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """The folder and the name of a project that runs, with a key in its database."""
    name = f"owner-{secrets.token_hex(3)}"
    folder = tmp_path / name
    (folder / "data").mkdir(parents=True)
    (folder / "docker-compose.yml").write_text(COMPOSE.format(name=name))
    files = ("compose", "-p", name, "-f", str(folder / "docker-compose.yml"))
    try:
        docker("network", "create", f"{name}-outer")
        docker("volume", "create", f"{name}-kept")
        docker(*files, "up", "--detach", "--wait", "--pull", "never")
        docker(*files, "exec", "-T", "db", "redis-cli", "SET", "mine", "1")
        docker(*files, "exec", "-T", "db", "sh", "-c", "echo mine > /kept/x")
        yield folder, name
    finally:
        docker(*files, "down", "--volumes", "--timeout", "1")
        docker("network", "rm", f"{name}-outer")
        docker("volume", "rm", f"{name}-kept")


def seen(folder: Path, name: str) -> dict[str, str]:
    """Everything of the owner's that a run could have changed."""
    files = {
        str(path): path.read_bytes().hex() for path in sorted((folder / "data").rglob("*")) if path.is_file()
    }
    ids = docker(
        "ps", "--all", "--quiet", "--no-trunc", "--filter", f"label=com.docker.compose.project={name}"
    )
    each = (
        "{{.Id}} {{.State.StartedAt}} {{.RestartCount}} {{.State.Status}} {{json .NetworkSettings.Networks}}"
    )
    containers = docker("inspect", "--format", each, *sorted(ids.split()))
    networks = docker("network", "inspect", f"{name}-outer", f"{name}_default")
    kept = docker(
        "compose",
        "-p",
        name,
        "exec",
        "-T",
        "db",
        "sh",
        "-c",
        "ls -la --time-style=full-iso /kept; cat /kept/x",
    )
    volumes = docker("volume", "inspect", f"{name}-kept", f"{name}_own")
    return files | {"containers": containers, "networks": networks, "kept": kept, "volumes": volumes}


def test_not_one_byte_of_the_owners_changes(running: tuple[Path, str], tmp_path: Path) -> None:
    folder, name = running
    before = seen(folder, name)
    assert asyncio.run(one_run(folder, name, tmp_path / "empty", "empty", before)) == ["", ""]
    assert seen(folder, name) == before
    assert asyncio.run(one_run(folder, name, tmp_path / "copy", "copy", before)) == ["mine", "1"]
    assert seen(folder, name) == before
    (folder / "data" / "large").write_bytes(secrets.token_bytes(2 * 1024 * 1024))
    before = seen(folder, name)
    with pytest.raises(StackProblem, match=r"more than 1 MiB(.|\n)*copy_most_mib"):
        asyncio.run(one_run(folder, name, tmp_path / "large", "copy", before))
    assert seen(folder, name) == before


async def one_run(folder: Path, name: str, out: Path, data: str, before: dict[str, str]) -> list[str]:
    """What the run found in its volumes at its start; it then writes to all of them, and kills."""
    stack = Stack.model_validate(yaml.safe_load(STACK) | {"data": data, "copy_most_mib": 1})
    run = StackRuntime(
        plan_for(stack, folder, 20), out, secrets.token_hex(3), here(), private=out / "private"
    )
    await run.prepare()
    try:
        await run.up(60)
        db = await run.container_id("db")
        found = [
            docker("exec", db, "sh", "-c", "cat /kept/x || true").strip(),
            docker("exec", db, "redis-cli", "GET", "mine").strip(),
        ]
        docker("exec", db, "redis-cli", "SET", "mine", "2")
        docker("exec", db, "sh", "-c", "echo theirs > /kept/x; echo theirs > /own/x")
        docker("kill", db)
        assert seen(folder, name) == before
        return found
    finally:
        left = await run.down()
        assert not left, left
