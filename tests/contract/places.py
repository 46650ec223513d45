"""Where the contract of the fault ports is tried: in memory, and with the same services as containers.

Both hold ``cache`` (a Redis), ``web`` (a client of it) and the link ``web->cache``; the engine's is reached
through a Toxiproxy of its own. The containers carry the labels of a run, whose owner is this process.
"""

from __future__ import annotations

import io
import json
import secrets
import socket
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace

import docker
import docker.errors
import httpx
from docker.models.containers import Container

from chaos.adapters.containers import DockerContainers
from chaos.adapters.disks import ContainerDisks
from chaos.adapters.engine_connection import connect
from chaos.adapters.labels import OWNER_LABEL, RUN_LABEL, SERVICE_LABEL
from chaos.adapters.levers import StackLevers
from chaos.adapters.limits import DockerLimits
from chaos.adapters.links import LinkEndpoint, ToxiproxyLinks
from chaos.adapters.networks import DockerNetworks
from chaos.adapters.overlay.splice import DIALS, LOOKUPS
from chaos.adapters.psql import ContainerPostgres
from chaos.adapters.redis_cli import ContainerRedis
from chaos.adapters.stack.owner import current_owner
from chaos.adapters.storage import DockerStorage
from chaos.model.stack import Lever, LinkName, ServiceRole, as_link
from chaos.ports import Containers, FaultContext, Levers, Links, Originals, Storage
from chaos.runner.repeats import TaskRepeater
from chaos.timing import Clock, SystemClock
from tests.contract.boxes import wait_until
from tests.engines import here
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment

REDIS = "redis:8"
TOXIPROXY = "ghcr.io/shopify/toxiproxy:2.12.0"
POSTGRES = "postgres:17"
PYTHON = "python:3.13-slim"
LINK = as_link("web->cache")
SMALL_DISK = "/small"  # of ``cache``
MARK = "web.errors"  # the one lever: it sets a key of the Redis, which stands for a faulty mode


@dataclass(frozen=True)
class Place:
    """What a contract test may touch."""

    fault_context: FaultContext

    @property
    def containers(self) -> Containers:
        return self.fault_context.containers

    @property
    def links(self) -> Links:
        return self.fault_context.links

    @property
    def levers(self) -> Levers:
        return self.fault_context.levers

    @property
    def storage(self) -> Storage:
        return self.fault_context.storage

    @property
    def clock(self) -> Clock:
        return self.fault_context.clock


def place_in_memory() -> Place:
    return Place(fault_context(fake_deployment(("web->cache",))))


@dataclass
class Engine:
    """Containers of one pretended run. ``shut`` removes them."""

    client: docker.DockerClient
    run_id: str = field(default_factory=lambda: f"contract-{secrets.token_hex(4)}")

    def labels(self, service: str) -> dict[str, str]:
        return {RUN_LABEL: self.run_id, OWNER_LABEL: str(current_owner()), SERVICE_LABEL: service}

    def open_network(self) -> None:
        self.network = self.client.networks.create(self.run_id, labels=self.labels(""))

    def open(self) -> None:
        self.open_network()
        # A memory limit that is reached quickly, and a small file system of its own.
        cache = self.add(
            "cache", REDIS, mem_limit="64m", memswap_limit="64m", tmpfs={SMALL_DISK: "size=4m,mode=1777"}
        )
        self.add("web", PYTHON, ["sleep", "infinity"], stop_signal="SIGKILL")
        # Fixed host ports: what Docker chooses is chosen anew at a restart.
        self.api_port, self.link_port = free_ports(2)
        self.toxiproxy = self.client.containers.create(
            TOXIPROXY,
            ["-host=0.0.0.0", "-config=/proxies.json"],
            name=f"{self.run_id}-toxiproxy-web",
            labels=self.labels("toxiproxy-web"),
            network=self.network.name,
            dns_opt=list(LOOKUPS),
            sysctls=DIALS,
            ports={"8474/tcp": ("127.0.0.1", self.api_port), "6379/tcp": ("127.0.0.1", self.link_port)},
        )
        proxy = {"name": str(LINK), "listen": "0.0.0.0:6379", "upstream": f"{self.run_id}-cache:6379"}
        self.toxiproxy.put_archive("/", archive("proxies.json", json.dumps([{**proxy, "enabled": True}])))
        self.toxiproxy.start()
        with httpx.Client(base_url=f"http://127.0.0.1:{self.api_port}", trust_env=False) as api:
            wait_until(lambda: _answers(api), "Toxiproxy answers")
        wait_until(lambda: b"PONG" in cache.exec_run(["redis-cli", "ping"]).output, "Redis answers")

    def add_postgres(self) -> None:
        """``db``, with the table ``guests``. Few connections, so that they are used up quickly."""
        environment = {"POSTGRES_PASSWORD": "of-a-test", "POSTGRES_USER": "app"}
        db = self.add("db", POSTGRES, ["postgres", "-c", "max_connections=20"], environment=environment)
        create = "CREATE TABLE IF NOT EXISTS guests (name text)"
        argv = ["psql", "-U", "app", "-h", "127.0.0.1", "-c", create]
        wait_until(lambda: db.exec_run(argv).exit_code == 0, "Postgres creates a table")

    def add(self, service: str, image: str, argv: list[str] | None = None, **more: object) -> Container:
        return self.client.containers.run(
            image,
            argv,
            name=f"{self.run_id}-{service}",
            detach=True,
            labels=self.labels(service),
            network=self.network.name,
            **more,
        )

    def place(self) -> Place:
        containers = DockerContainers(self.run_id, self.client)
        endpoint = LinkEndpoint(
            f"http://127.0.0.1:{self.api_port}", "127.0.0.1", self.link_port, ServiceRole.REDIS
        )
        clock = SystemClock()
        return Place(
            # What needs a stack that Compose started is tried in test_faults_of_a_stack.py.
            replace(
                fault_context(fake_deployment(("web->cache",))),
                containers=containers,
                links=ToxiproxyLinks({LINK: endpoint}, self.restart_toxiproxy),
                levers=StackLevers({MARK: _mark()}, lambda service, port: "", containers.execute),
                storage=DockerStorage(self.run_id, self.client),
                clock=clock,
                limits=DockerLimits(containers, self.client),
                disks=ContainerDisks(containers.execute),
                networks=DockerNetworks(containers, self.client),
                redis=ContainerRedis(containers.execute),
                postgres=ContainerPostgres(containers.execute, containers.launch),
                repeats=TaskRepeater(clock),
                originals=Originals(),
            )
        )

    async def restart_toxiproxy(self, link: LinkName) -> None:
        self.toxiproxy.restart(timeout=0)

    def shut(self) -> None:
        for found in self.client.containers.list(all=True, filters={"label": f"{RUN_LABEL}={self.run_id}"}):
            with suppress(docker.errors.NotFound):
                found.remove(force=True, v=True)
        self.network.remove()
        self.client.close()


@contextmanager
def engine() -> Iterator[Engine]:
    opened = Engine(connect(here()))
    try:
        opened.open()
        yield opened
    finally:
        opened.shut()


@contextmanager
def engine_without_links() -> Iterator[Engine]:
    """A run without containers: those of the test are added by it."""
    opened = Engine(connect(here()))
    opened.open_network()
    try:
        yield opened
    finally:
        opened.shut()


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that no process listens on at this instant."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in held:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in held]


def archive(name: str, text: str) -> bytes:
    """A tar file of one text file, readable by all."""
    content = text.encode()
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o644
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def _answers(api: httpx.Client) -> bool:
    try:
        return api.get("/version").status_code == 200
    except httpx.TransportError:
        return False


def _mark() -> Lever:
    def command(*argv: str) -> dict[str, object]:
        return {"command": {"service": "cache", "argv": list(argv)}}

    return Lever.model_validate(
        {
            "params": {"status": {"default": 503}},
            "inject": command("redis-cli", "set", "mode", "$status"),
            "revert": command("redis-cli", "del", "mode"),
            "readback": command("sh", "-c", 'test "$$(redis-cli exists mode)" = 0'),
            "witness": command("sh", "-c", 'test "$$(redis-cli get mode)" = $status'),
        }
    )
