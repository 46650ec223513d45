"""The stack of one run: start, addresses, logs and removal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import docker.errors
from docker import DockerClient

from chaos.adapters.engine_connection import connect, engine_errors
from chaos.adapters.link_use import Process
from chaos.adapters.names import NamedProxy
from chaos.adapters.overlay.data import copies_of
from chaos.adapters.overlay.splice import link_port
from chaos.adapters.stack.compose_cli import ComposeFiles, EngineCallResult, compose
from chaos.adapters.stack.copied_data import CopyLimits, copy_data
from chaos.adapters.stack.host_ports import LOOPBACK, release_ports
from chaos.adapters.stack.logs import last_lines, save_logs
from chaos.adapters.stack.missing_images import missing_images
from chaos.adapters.stack.offsite import OFFSITE, discard
from chaos.adapters.stack.owner import current_owner
from chaos.adapters.stack.prepared import Prepared, RunFiles, prepare
from chaos.adapters.stack.start_progress import FoundContainer, judge_start, list_containers
from chaos.adapters.stack.sweep import (
    UNSETTLED_PAUSE,
    UNSETTLED_ROUNDS,
    LabelledResources,
    belongings,
    remove_run,
)
from chaos.cancellation import uninterrupted
from chaos.engine import EngineAddress
from chaos.errors import GamedayError, StackProblem, ToolProblem
from chaos.model.owners import OwnersData
from chaos.model.plan import Plan
from chaos.model.stack import CLIENTS, LinkName
from chaos.redaction import redact

_POLL = 0.2
_MISSING = "missing"
_DOWN_SECONDS = 30.0
_STOP_COPY_SECONDS = 10.0  # for the engine to give or take the chunk of a copy that is under way
_TAKEN = ("port is already allocated", "address already in use")


class StackRuntime:
    """One run's stack. Everything it starts carries the run's label; ``down`` may be called at any time, and
    again.

    ``private``: a folder outside the run folder, for the files that containers must read with their secrets.
    The caller removes it after ``down``. ``on_process`` is called with the process group of each Compose
    call, so that a watchdog can end it when gameday was killed.
    """

    def __init__(
        self,
        plan: Plan,
        run_folder: Path,
        run_id: str,
        engine: EngineAddress,
        client: DockerClient | None = None,
        on_process: Callable[[int], None] = lambda pid: None,
        *,
        private: Path,
    ) -> None:
        self._plan = plan
        self._folder = run_folder
        self._private = private
        self._run_id = run_id
        self.engine = engine
        self._given = client
        self._on_process = on_process
        self._prepared: Prepared | None = None
        self._settled = True  # no start failed or was cut short: nothing can still be on its way

    @property
    def prepared(self) -> Prepared:
        if self._prepared is None:
            raise StackProblem("the stack was not prepared")
        return self._prepared

    @property
    def client(self) -> DockerClient:
        """The engine, connected at first use."""
        if self._given is None:
            self._given = connect(self.engine)
        return self._given

    async def prepare(self) -> Prepared:
        """Write ``generated/``; see ``prepared.prepare`` for what it raises."""
        await asyncio.to_thread(lambda: self.client)
        where = RunFiles(self._folder, self._private)
        self._prepared = await prepare(
            self._plan, where, self._run_id, current_owner(), self.engine, self._exposed
        )
        return self._prepared

    async def up(self, deadline: float) -> None:
        """Start everything and wait until it runs and is healthy, for ``deadline`` seconds at most.

        Raises ``StackProblem`` that explains itself.
        Cancelling it ends the start at once; ``down`` removes what already exists.
        """
        began = time.monotonic()
        await asyncio.to_thread(self._refuse_missing_images)
        if self._plan.stack.data is OwnersData.COPY:
            await self._copy_data()
        done = await self._compose_up(deadline)
        while done.code == 0:
            seen = await asyncio.to_thread(list_containers, self.client, self._run_id)
            awaited = judge_start(tuple(self.prepared.images()), self._lasting(), seen)
            if awaited.done:
                return
            if awaited.broken or time.monotonic() - began > deadline:
                break
            await asyncio.sleep(_POLL)
        raise StackProblem(await asyncio.to_thread(self._explain, done, time.monotonic() - began, deadline))

    async def down(self, within: float = _DOWN_SECONDS) -> LabelledResources:
        """Remove everything of the run; returns what is left. Idempotent, and finishes even if the caller is
        cancelled.
        """
        looks = () if self._settled else (UNSETTLED_ROUNDS, UNSETTLED_PAUSE)
        try:
            return await uninterrupted(
                asyncio.to_thread(remove_run, self.client, self._run_id, within, *looks)
            )
        finally:
            self.release_ports()

    def release_ports(self) -> None:
        """Other stacks of this process may have its host ports. Idempotent."""
        if self._prepared is not None:
            release_ports(self._prepared.wiring.ports.values())

    def unsettle(self) -> None:
        """A command was interrupted and may still be creating something, so ``down`` must look repeatedly."""
        self._settled = False

    async def left_over(self) -> LabelledResources:
        """What still has the run's label."""
        return await asyncio.to_thread(belongings, self.client, self._run_id)

    async def discard_offsite(self) -> str:
        """Delete the off-site storage. Returns why it remains, or ""."""
        home = self._folder.resolve() / OFFSITE
        prepared = self.prepared
        labels = prepared.wiring.labels
        return await asyncio.to_thread(discard, home, prepared.compose, labels, self.client)

    def address(self, service: str, port: int | None = None) -> tuple[str, int]:
        """Where the harness dials a service; ``port`` None: that of the first link to it. Past any proxy if
        it can be.
        """
        port = port or link_port(self._plan.stack, service)
        host_port = self.prepared.wiring.ports.get((service, port or 0))
        if host_port is None:
            link = LinkName(client=CLIENTS, target=service)
            if link in self._plan.stack.links and self._plan.stack.port_of(link) == port:
                return self.link_address(link)
            raise ToolProblem(f"port {port} of {service} is not published for the harness")
        return LOOPBACK, host_port

    def link_address(self, link: LinkName) -> tuple[str, int]:
        """Where the link's proxy listens, as seen from gameday."""
        container = self.prepared.topology.container_of(link)
        return LOOPBACK, self.prepared.wiring.ports[(container.service, self._plan.stack.port_of(link))]

    def named_proxy(self, link: LinkName) -> NamedProxy:
        """The container of the link's proxy, and the network in which its client finds it."""
        container = self.prepared.topology.container_of(link)
        if container.own_network is None:
            raise ToolProblem(f"the client of {link} is outside the stack and has no network")
        return NamedProxy(container.service, f"{self.prepared.project}_{container.own_network}")

    def http_interface(self, link: LinkName) -> tuple[str, int]:
        """Where the runtime interface of the link's HTTP proxy is reached. ``ToolProblem`` if it has none."""
        for proxy in self.prepared.topology.http:
            if proxy.link == link:
                return LOOPBACK, self.prepared.wiring.ports[(proxy.service, proxy.api_port)]
        raise ToolProblem(f"the link {link} has no HTTP proxy")

    def toxiproxy_api(self, link: LinkName) -> str:
        """Base URL of the API of the Toxiproxy that carries the link."""
        container = self.prepared.topology.container_of(link)
        return f"http://{LOOPBACK}:{self.prepared.wiring.ports[(container.service, container.api_port)]}"

    def own_services(self) -> tuple[str, ...]:
        """The services of the proxies."""
        return self.prepared.topology.own_services()

    async def restart_proxy(self, link: LinkName) -> None:
        """Restart the Toxiproxy that carries the link: it then has every proxy enabled and no toxic."""
        topology = self.prepared.topology
        proxy = topology.container_of(link).service
        # A relay beside it would stay with the network interfaces that the restart has removed.
        relays = [relay.service for relay in topology.udp if relay.beside == proxy]
        containers = [await self.container_id(service) for service in (proxy, *relays)]

        def restart() -> None:
            with engine_errors("restart Toxiproxy"):
                for container_id in containers:
                    self.client.api.restart(container_id, timeout=0)

        await asyncio.to_thread(restart)

    def proxy_process(self, link: LinkName) -> Process | None:
        """A process of the Toxiproxy that carries the link; None where the engine does not say. Blocking."""
        service = self.prepared.topology.container_of(link).service
        with suppress(GamedayError), engine_errors("find the process of a proxy"):
            for seen in list_containers(self.client, self._run_id):
                if seen.service == service:
                    state = self.client.api.inspect_container(seen.container_id)["State"]
                    return Process(int(state["Pid"]), seen.container_id) if state["Running"] else None
        return None

    async def container_id(self, service: str) -> str:
        """Id of the service's container, running or not. ``StackProblem`` if it has none."""
        for seen in await self.states():
            if seen.service == service:
                return seen.container_id
        raise StackProblem(f"service {service} has no container in run {self._run_id}")

    async def states(self) -> tuple[FoundContainer, ...]:
        """Every container of the run, in one call to the engine."""
        return await asyncio.to_thread(list_containers, self.client, self._run_id)

    async def logs(self, folder: Path, since: float | None = None) -> None:
        """Write ``<service>.log`` into ``folder``: bounded, and without the values that stack.yaml wants
        redacted. ``since``: epoch seconds; None: from the start on.
        """
        seen = await self.states()
        await asyncio.to_thread(save_logs, self.client, seen, folder, self.prepared.secrets, since)

    async def versions(self) -> dict[str, str]:
        """Engine, Compose, and the id of every image: facts for the report."""
        done = await compose(self.engine, ComposeFiles(), ["version", "--short"], 10.0)

        def ask() -> dict[str, str]:
            with engine_errors("ask for versions"):
                found = {"engine": str(self.client.version()["Version"]), "compose": done.out.strip()}
                for image in dict.fromkeys(self.prepared.images().values()):
                    found[f"image {image}"] = self._image_id(image)
            return found

        return await asyncio.to_thread(ask)

    def _exposed(self, image: str) -> tuple[str, ...]:
        """What an image exposes, such as ``80/tcp``; nothing if it is not here yet, which ``up`` says."""
        with engine_errors("read the ports of images"):
            try:
                config = self.client.images.get(image).attrs.get("Config") or {}
            except docker.errors.ImageNotFound:
                return ()
        return tuple(config.get("ExposedPorts") or ())

    def _image_id(self, image: str) -> str:
        try:
            return str(self.client.images.get(image).id)
        except docker.errors.ImageNotFound:
            return _MISSING  # ``up`` says so, and what to do

    async def _copy_data(self) -> None:
        self._settled = False
        prepared = self.prepared
        copies = copies_of(prepared.compose, prepared.wiring)
        limits = CopyLimits(self._plan.stack.copy_most_mib)
        work = asyncio.to_thread(copy_data, self.client, copies, prepared.wiring, limits)
        copying = asyncio.ensure_future(work)
        try:
            await asyncio.shield(copying)
        except asyncio.CancelledError:
            limits.stop.set()  # a thread cannot be cancelled; it would fill the disk while ``down`` removes
            with suppress(GamedayError, TimeoutError):
                await uninterrupted(asyncio.wait_for(copying, _STOP_COPY_SECONDS))
            raise

    async def _compose_up(self, within: float) -> EngineCallResult:
        self._settled = False
        done = await compose(
            self.engine,
            self.prepared.files(self._plan.scenario.profiles),
            ["up", "--detach", "--no-build", "--pull", "never", "--remove-orphans"],
            max(1.0, within),
            self._on_process,
        )
        self._settled = done.code == 0  # after a failure the engine may still be working on it
        return done

    def _lasting(self) -> set[str]:
        stack = self._plan.stack
        proxies = set(self.prepared.topology.own_services())
        jobs = self.prepared.compose.jobs() - {link.target for link in stack.link_names()}
        jobs |= {name for name, service in stack.services.items() if service.one_shot}
        return (stack.linked() - jobs) | proxies | ({stack.prometheus.service} if stack.prometheus else set())

    def _refuse_missing_images(self) -> None:
        with engine_errors("look for images"):
            wanted = sorted(set(self.prepared.images().values()))
            missing = [image for image in wanted if self._image_id(image) == _MISSING]
        if missing:
            raise StackProblem(missing_images(self.prepared, missing, Path(self._plan.stack_root)))

    def _explain(self, done: EngineCallResult, waited: float, within: float) -> str:
        """What the start waited for, how long, what it saw instead, and what to try."""
        services = tuple(self.prepared.images())
        seen = list_containers(self.client, self._run_id)
        judged = judge_start(services, self._lasting(), seen)
        lines = [
            f"the stack did not start: waited {waited:.0f} s of {within:.0f} s "
            f"for {len(services)} services to be running and healthy"
        ]
        if not seen:
            lines.append("  nothing was created")
        guilty = {c.service for c in judged.broken} | set(judged.waiting) if seen else set()
        for service in services:
            if service in guilty:
                found = [one for one in seen if one.service == service]
                lines.append(f"  {service}: {'; '.join(map(str, found)) or 'no container'}")
                for one in found:
                    lines += [f"    | {text}" for text in last_lines(self.client, one, self.prepared.secrets)]
        if done.code != 0:
            lines.append(f"  Compose said: {_tail(redact(done.err, self.prepared.secrets))}")
        if any(words in done.err for words in _TAKEN):
            lines.append("  try: run it again; another program took the port after gameday chose it")
        if "address pool" in done.err:
            lines.append(
                "  try: gameday clean, or docker network ls: the engine has no network addresses left"
            )
        lines.append(f"  try: {self.prepared.plain_command} up, to see whether it starts without gameday")
        return "\n".join(lines)


def _tail(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return " / ".join(lines[-3:]) or "nothing"
