"""From a plan to the files under ``generated/`` of a run folder: override, proxies, compressed Prometheus
files, ports.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from chaos.adapters.stack.compose_cli import compose
from chaos.adapters.stack.compose_file import ComposeFile, Mount, read_compose_json
from chaos.adapters.stack.host_ports import choose_ports
from chaos.adapters.stack.override import override_text
from chaos.adapters.stack.owner import Owner
from chaos.adapters.stack.rules_pace import pace_config, pace_rules
from chaos.adapters.stack.splice import (
    OWNER_LABEL,
    RUN_LABEL,
    Wiring,
    fixed_ports,
    project_name,
    proxy_config,
    splice,
    toxiproxy_image,
    wanted_ports,
)
from chaos.adapters.stack.topology import Topology, plan_topology
from chaos.errors import BadInput, EnvironmentProblem, Problem
from chaos.model.plan import Plan
from chaos.model.stack import Stack

_CONFIG_SECONDS = 20.0
_HIDDEN_SHORTEST = 3  # a value of one or two letters would black out half a log


@dataclass(frozen=True)
class Prepared:
    """All that is known of a run's stack before anything is started. ``secrets``: values that no log may
    show.
    """

    run_id: str
    stack: Stack
    plain: Path
    override: Path
    compose: ComposeFile
    topology: Topology
    wiring: Wiring
    secrets: tuple[str, ...]

    @property
    def project(self) -> str:
        return self.wiring.project

    def images(self) -> dict[str, str]:
        """Service -> image, Toxiproxy's containers included."""
        found = {name: service.image for name, service in self.compose.services.items()}
        return found | {container.service: toxiproxy_image() for container in self.topology.containers}


async def prepare(plan: Plan, run_folder: Path, run_id: str, owner: Owner) -> Prepared:
    """Write ``run_folder/generated``; nothing is started.

    Raises ``BadInput`` (the compose file does not fit stack.yaml), ``EnvironmentProblem`` (a port in use, a
    folder that cannot be written, no Docker), ``ToolProblem``.
    """
    root = Path(plan.stack_root)
    read = await read_plain(root / plan.stack.compose)
    return await asyncio.to_thread(_generate, plan, root, read, run_folder, run_id, owner)


def _generate(
    plan: Plan, root: Path, read: ComposeFile, run_folder: Path, run_id: str, owner: Owner
) -> Prepared:
    topology = plan_topology(plan.stack, read)
    ports = choose_ports(wanted_ports(plan.stack, topology), fixed_ports(plan.stack, topology))
    folder = run_folder.resolve() / "generated"
    mounts = _prometheus_files(plan, root, read, folder)
    for container in topology.containers:
        write(_proxy_file(folder, container.service), proxy_config(container))
    prepared = Prepared(
        run_id=run_id,
        stack=plan.stack,
        plain=root / plan.stack.compose,
        override=folder / "compose.override.yaml",
        compose=read,
        topology=topology,
        wiring=Wiring(
            project=project_name(run_id),
            labels={RUN_LABEL: run_id, OWNER_LABEL: str(owner)},
            ports=ports,
            proxy_configs={c.service: str(_proxy_file(folder, c.service)) for c in topology.containers},
            environment=run_environment(plan),
            mounts=mounts,
        ),
        secrets=_secrets(plan, read),
    )
    _write_override(prepared)
    return prepared


async def read_plain(plain: Path) -> ComposeFile:
    """A plain compose file as Compose reads it. ``BadInput`` with Compose's own words if it cannot."""
    if not await asyncio.to_thread(plain.is_file):
        raise BadInput([Problem(str(plain), 0, 0, "no such compose file", "see `compose:` in stack.yaml")])
    done = await compose(["config", "--format", "json"], [plain], None, _CONFIG_SECONDS)
    if done.code is None:
        raise EnvironmentProblem(f"docker compose config did not answer within {_CONFIG_SECONDS:g} s")
    if done.code != 0:
        words = done.err.strip() or done.out.strip()
        if "unknown" in words and "compose" in words.splitlines()[0]:
            raise EnvironmentProblem(
                "docker has no compose plugin", "make setup, or install Compose 2.24.4 or later"
            )
        raise BadInput([Problem(str(plain), 0, 0, f"Compose cannot read it: {words}")])
    return read_compose_json(done.out)


def run_environment(plan: Plan) -> dict[str, dict[str, str]]:
    """Service -> variables: the paced ones in real seconds, then what ``--env`` said."""
    found: dict[str, dict[str, str]] = {}
    for service, variables in plan.stack.paced.items():
        found.setdefault(service, {}).update({name: _number(v / plan.pace) for name, v in variables.items()})
    for service, given in plan.env.items():
        found.setdefault(service, {}).update(given)
    return found


def write(path: Path, text: str) -> None:
    """Write a file that the users inside containers can read, whatever our umask is."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)
    except OSError as error:
        raise EnvironmentProblem(
            f"{path} cannot be written: {error.strerror or error}", "make room there, or mend its permissions"
        ) from error


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _proxy_file(folder: Path, service: str) -> Path:
    return folder / "toxiproxy" / f"{service.removeprefix('toxiproxy-')}.json"


def _write_override(prepared: Prepared) -> None:
    document = splice(prepared.compose, prepared.topology, prepared.wiring)
    write(prepared.override, override_text(document))
    ports = {f"{service}:{port}": host for (service, port), host in prepared.wiring.ports.items()}
    write(prepared.override.with_name("ports.json"), json.dumps(ports, indent=2))


def _prometheus_files(plan: Plan, root: Path, read: ComposeFile, folder: Path) -> dict[str, dict[str, str]]:
    """Write the compressed copies; service -> (container path -> host path of the copy)."""
    facts = plan.stack.prometheus
    if facts is None:
        return {}
    mounts: dict[str, str] = {}
    problems = []
    for name, change in [(facts.config, pace_config), *((rule, pace_rules) for rule in facts.rules)]:
        source = root / name
        target = _shown(read.services[facts.service].mounts, source)
        if target is None:
            message = f"{name} is mounted nowhere in service {facts.service}"
            mend = (
                "mount it there, or mend `prometheus:` in stack.yaml: the compressed copy must take its place"
            )
            problems.append(Problem(str(root / plan.stack.compose), 0, 0, message, mend))
            continue
        try:
            text = source.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(str(source), 0, 0, f"cannot be read: {error}"))
            continue
        copy = folder / "prometheus" / name.replace("../", "").replace("/", "-")
        write(copy, change(text, plan.pace, str(source)))
        mounts[target] = str(copy)
    if problems:
        raise BadInput(problems)
    return {facts.service: mounts}


def _shown(mounts: tuple[Mount, ...], host_file: Path) -> str | None:
    """Where a container sees a host file; the most particular mount wins, symbolic links are followed."""
    found = None
    for mount in sorted(mounts, key=lambda mount: len(mount.target)):
        real = replace(mount, source=os.path.realpath(mount.source))
        found = mount.shows(str(host_file)) or real.shows(os.path.realpath(host_file)) or found
    return found


def _secrets(plan: Plan, read: ComposeFile) -> tuple[str, ...]:
    """Values of the variables that stack.yaml wants redacted, longest first so that no remainder is left
    standing.
    """
    environments: list[Mapping[str, str]] = [service.environment for service in read.services.values()]
    environments += plan.env.values()
    values = {env[name] for env in environments for name in plan.stack.redact if env.get(name)}
    return tuple(sorted((v for v in values if len(v) >= _HIDDEN_SHORTEST), key=lambda v: (-len(v), v)))
