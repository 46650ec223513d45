"""Turns a plan into the files under ``generated/`` of a run folder: override, proxies, compressed files
of Prometheus and Alertmanager, ports.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chaos.adapters.haproxy import proxy_files
from chaos.adapters.labels import LEASE_LABEL, OWNER_LABEL, RUN_LABEL
from chaos.adapters.overlay.compose_file import ComposeFile
from chaos.adapters.overlay.data import dialled_by_name
from chaos.adapters.overlay.http_proxy import HTTP_FOLDER
from chaos.adapters.overlay.override import override_text
from chaos.adapters.overlay.splice import (
    fixed_ports,
    project_name,
    proxy_config,
    splice,
    wanted_ports,
)
from chaos.adapters.overlay.topology import HttpProxy, Requested, Topology, plan_topology
from chaos.adapters.overlay.wiring import Wiring
from chaos.adapters.stack.compose_cli import ComposeFiles
from chaos.adapters.stack.generated_files import write
from chaos.adapters.stack.host_ports import chosen_ports
from chaos.adapters.stack.offsite import OFFSITE, offsite_folders
from chaos.adapters.stack.owner import Lease, Owner
from chaos.adapters.stack.paced_files import CopiesOf, write_paced_files
from chaos.adapters.stack.plain_project import plain_files, read_plain
from chaos.adapters.stack.secrets import hand_over, secrets_of
from chaos.engine import EngineAddress
from chaos.kinds import Fault
from chaos.model.owners import named_as_is
from chaos.model.plan import Plan
from chaos.model.stack import HttpCall, Stack


@dataclass(frozen=True)
class RunFiles:
    """Where the files of a run's stack go: ``run_folder``, and ``private`` with what holds secrets."""

    run_folder: Path
    private: Path


@dataclass(frozen=True)
class Prepared:
    """Everything that is known about a run's stack before it starts.

    ``secrets``: values that no file of the run folder may show. ``handed``: variables for Compose's own
    process, which the override refers to instead of holding a secret.
    """

    run_id: str
    stack: Stack
    plain: tuple[Path, ...]
    override: Path
    compose: ComposeFile
    topology: Topology
    wiring: Wiring
    secrets: tuple[str, ...]
    handed: Mapping[str, str]

    @property
    def project(self) -> str:
        return self.wiring.project

    @property
    def plain_command(self) -> str:
        """The command with which a user runs Compose on the plain project."""
        return " ".join(["docker compose", *(f"-f {file}" for file in self.plain)])

    def files(self, profiles: Sequence[str]) -> ComposeFiles:
        """The project of the run, as Compose reads it."""
        return ComposeFiles((*self.plain, self.override), self.project, self.handed, profiles)

    def images(self) -> dict[str, str]:
        """Service -> image, including Toxiproxy's containers."""
        found = {name: service.image for name, service in self.compose.services.items()}
        found |= {container.service: self.wiring.proxy_image for container in self.topology.containers}
        found |= {proxy.service: self.wiring.http_image for proxy in self.topology.http}
        return found | {relay.service: self.wiring.udp_image for relay in self.topology.udp}


async def prepare(
    plan: Plan,
    where: RunFiles,
    run_id: str,
    owner: Owner,
    engine: EngineAddress,
    exposed_by: Callable[[str], Collection[str]] = lambda image: (),
) -> Prepared:
    """Write ``generated/`` of the run folder; nothing is started. ``exposed_by``: image -> ports such as
    ``80/tcp``. A file that containers must read with its secrets goes into the private folder, and without
    them into ``generated/``.

    Raises ``BadInput`` (the compose file does not fit stack.yaml), ``EnvironmentProblem`` (a port in use, a
    folder that cannot be written, no Docker), ``ToolProblem``.
    """
    root = Path(plan.stack_root)
    read = (await read_plain(plain_files(plan), engine)).with_profiles(plan.scenario.profiles)
    known = await asyncio.to_thread(read.listening, exposed_by)
    return await asyncio.to_thread(_generate, plan, root, known, where, run_id, owner)


def _generate(
    plan: Plan, root: Path, read: ComposeFile, where: RunFiles, run_id: str, owner: Owner
) -> Prepared:
    topology = plan_topology(plan.stack, read, _requested(plan))
    wanted = wanted_ports(plan.stack, topology, _calls(plan))
    with chosen_ports(wanted, fixed_ports(plan.stack, topology)) as ports:
        return _generate_files(plan, root, read, where, run_id, owner, topology, ports)


def _generate_files(
    plan: Plan,
    root: Path,
    read: ComposeFile,
    where: RunFiles,
    run_id: str,
    owner: Owner,
    topology: Topology,
    ports: Mapping[tuple[str, int], int],
) -> Prepared:
    folder = where.run_folder.resolve() / "generated"
    secrets = secrets_of(plan, read)
    mounts = write_paced_files(plan, root, read, CopiesOf(folder, where.private.resolve(), secrets))
    for container in topology.containers:
        write(_proxy_file(folder, container.service), proxy_config(container))
    http_files = {proxy.service: _http_files(proxy, folder / "haproxy") for proxy in topology.http}
    given = dialled_by_name(read)
    for service, variables in run_environment(plan).items():
        given.setdefault(service, {}).update(variables)
    environment, handed = hand_over(given, plan.stack.redact, secrets)
    prepared = Prepared(
        run_id=run_id,
        stack=plan.stack,
        plain=plain_files(plan),
        override=folder / "compose.override.yaml",
        compose=read,
        topology=topology,
        wiring=Wiring(
            project=project_name(run_id),
            labels=_labels(plan, run_id, owner),
            ports=ports,
            proxy_configs={c.service: str(_proxy_file(folder, c.service)) for c in topology.containers},
            environment=environment,
            mounts=mounts,
            proxy_image=image_of_tool("GAMEDAY_TOXIPROXY_IMAGE", Wiring.proxy_image),
            http_image=image_of_tool("GAMEDAY_HAPROXY_IMAGE", Wiring.http_image),
            udp_image=image_of_tool("GAMEDAY_SOCAT_IMAGE", Wiring.udp_image),
            http_files=http_files,
            offsite=offsite_folders(plan.stack, read, where.run_folder.resolve() / OFFSITE),
            as_is=named_as_is(plan.stack.use_as_is, Path(plan.stack_root) / plan.stack.compose),
            empty=_empty_paths(read),
        ),
        secrets=secrets,
        handed=handed,
    )
    _write_override(prepared)
    return prepared


def _requested(plan: Plan) -> Requested:
    """What the faults of the timeline need of the proxies."""
    faults = [step for step in plan.scenario.timeline if isinstance(step, Fault)]
    return Requested(
        frozenset(link for fault in faults for link in fault.links_apart()),
        frozenset(link for fault in faults for link in fault.http_links()),
    )


def _http_files(proxy: HttpProxy, folder: Path) -> dict[str, str]:
    """Write the configuration of an HTTP proxy; container path -> host path."""
    written = {}
    for name, text in proxy_files(proxy).items():
        write(folder / proxy.service / name, text)
        written[f"{HTTP_FOLDER}/{name}"] = str(folder / proxy.service / name)
    return written


def _empty_paths(read: ComposeFile) -> frozenset[str]:
    """Host paths of bind mounts with nothing there, or with an empty folder."""
    sources = {
        mount.source
        for service in (*read.services.values(), *read.dormant.values())
        for mount in service.mounts
        if mount.kind == "bind"
    }
    return frozenset(source for source in sources if _is_empty(source))


def _is_empty(path: str) -> bool:
    if not os.path.isdir(path):
        return not os.path.exists(path)
    try:
        return not os.listdir(path)
    except OSError:
        return False


def image_of_tool(variable: str, default: str) -> str:
    """The image of one of gameday's own containers. ``variable`` of the environment may name another tag or
    mirror than ``default``.
    """
    return os.environ.get(variable) or default


def _calls(plan: Plan) -> Iterator[HttpCall]:
    """What the run dials in addition to links and levers."""
    for procedure in plan.procedures.values():
        yield from (step.check.http for step in procedure.steps if step.check.http is not None)


def run_environment(plan: Plan) -> dict[str, dict[str, str]]:
    """Service -> variables: the paced ones in real seconds, then those that scenario and
    ``--env`` give.
    """
    found: dict[str, dict[str, str]] = {}
    for service, variables in plan.stack.paced.items():
        found.setdefault(service, {}).update({name: _number(v / plan.pace) for name, v in variables.items()})
    for service, given in plan.env.items():
        found.setdefault(service, {}).update(given)
    return found


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _proxy_file(folder: Path, service: str) -> Path:
    return folder / "toxiproxy" / f"{service.removeprefix('toxiproxy-')}.json"


def _write_override(prepared: Prepared) -> None:
    document = splice(prepared.compose, prepared.topology, prepared.wiring)
    write(prepared.override, override_text(document))
    ports = {f"{service}:{port}": host for (service, port), host in prepared.wiring.ports.items()}
    write(prepared.override.with_name("ports.json"), json.dumps(ports, indent=2))


def _labels(plan: Plan, run_id: str, owner: Owner) -> dict[str, str]:
    lease = Lease.of(plan.estimate_seconds, time.time())
    return {RUN_LABEL: run_id, OWNER_LABEL: str(owner), LEASE_LABEL: str(lease)}
