"""Turns a plan into the files under ``generated/`` of a run folder: override, proxies, compressed files
of Prometheus and Alertmanager, ports.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from chaos.adapters.haproxy import proxy_files
from chaos.adapters.labels import LEASE_LABEL, OWNER_LABEL, RUN_LABEL
from chaos.adapters.overlay.compose_file import ComposeFile, Mount, read_compose_json
from chaos.adapters.overlay.data import dialled_by_name
from chaos.adapters.overlay.http_proxy import HTTP_FOLDER
from chaos.adapters.overlay.override import EnvironmentValue, override_text
from chaos.adapters.overlay.paced_rules import pace_alertmanager, pace_config, pace_rules
from chaos.adapters.overlay.splice import (
    fixed_ports,
    project_name,
    proxy_config,
    splice,
    wanted_ports,
)
from chaos.adapters.overlay.topology import HttpProxy, Requested, Topology, plan_topology
from chaos.adapters.overlay.wiring import Wiring
from chaos.adapters.stack.compose_cli import ComposeFiles, compose
from chaos.adapters.stack.host_ports import choose_ports
from chaos.adapters.stack.offsite import OFFSITE, offsite_folders
from chaos.adapters.stack.owner import Lease, Owner
from chaos.engine import EngineAddress
from chaos.errors import BadInput, EnvironmentProblem, GamedayError, Problem, foreign_errors
from chaos.files import make_folder, write_file
from chaos.kinds import Fault
from chaos.model.owners import named_as_is
from chaos.model.plan import Plan
from chaos.model.stack import HttpCall, Stack
from chaos.redaction import hideable, redact

_CONFIG_SECONDS = 20.0
_HANDED = "GAMEDAY_HANDED_"  # prefix of the variables that give Compose what no file may contain


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

    def hide_mounted(self) -> None:
        """Remove secrets from the files that the containers read unchanged. Call it when the containers have
        been removed.
        """
        for path in {path for mounts in self.wiring.mounts.values() for path in mounts.values()}:
            with foreign_errors(f"cannot remove secrets from {path}"):
                text = Path(path).read_text(encoding="utf-8") if os.path.isfile(path) else ""
            if text != redact(text, self.secrets):
                write(Path(path), redact(text, self.secrets))

    def images(self) -> dict[str, str]:
        """Service -> image, including Toxiproxy's containers."""
        found = {name: service.image for name, service in self.compose.services.items()}
        found |= {container.service: self.wiring.proxy_image for container in self.topology.containers}
        found |= {proxy.service: self.wiring.http_image for proxy in self.topology.http}
        return found | {relay.service: self.wiring.udp_image for relay in self.topology.udp}


async def prepare(
    plan: Plan,
    run_folder: Path,
    run_id: str,
    owner: Owner,
    engine: EngineAddress,
    exposed_by: Callable[[str], Collection[str]] = lambda image: (),
) -> Prepared:
    """Write ``run_folder/generated``; nothing is started. ``exposed_by``: image -> ports such as
    ``80/tcp``.

    Raises ``BadInput`` (the compose file does not fit stack.yaml), ``EnvironmentProblem`` (a port in use, a
    folder that cannot be written, no Docker), ``ToolProblem``.
    """
    root = Path(plan.stack_root)
    read = (await read_plain(_plain_files(plan), engine)).with_profiles(plan.scenario.profiles)
    known = await asyncio.to_thread(read.listening, exposed_by)
    return await asyncio.to_thread(_generate, plan, root, known, run_folder, run_id, owner)


def _generate(
    plan: Plan, root: Path, read: ComposeFile, run_folder: Path, run_id: str, owner: Owner
) -> Prepared:
    topology = plan_topology(plan.stack, read, _requested(plan))
    wanted = wanted_ports(plan.stack, topology, _calls(plan))
    ports = choose_ports(wanted, fixed_ports(plan.stack, topology))
    folder = run_folder.resolve() / "generated"
    mounts = _paced_files(plan, root, read, folder)
    for container in topology.containers:
        write(_proxy_file(folder, container.service), proxy_config(container))
    http_files = {proxy.service: _http_files(proxy, folder / "haproxy") for proxy in topology.http}
    secrets = secrets_of(plan, read)
    given = dialled_by_name(read)
    for service, variables in run_environment(plan).items():
        given.setdefault(service, {}).update(variables)
    environment, handed = hand_over(given, plan.stack.redact, secrets)
    prepared = Prepared(
        run_id=run_id,
        stack=plan.stack,
        plain=_plain_files(plan),
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
            offsite=offsite_folders(plan.stack, read, run_folder.resolve() / OFFSITE),
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


def _plain_files(plan: Plan) -> tuple[Path, ...]:
    return tuple(Path(plan.stack_root) / file for file in plan.stack.compose_files)


async def read_plain(files: Sequence[Path], engine: EngineAddress) -> ComposeFile:
    """A plain project as Compose reads it, services of every profile included. ``BadInput`` with Compose's
    own words if it cannot.
    """
    for file in files:
        if not await asyncio.to_thread(file.is_file):
            raise BadInput([Problem.about(str(file), "no such compose file", "see `compose:` in stack.yaml")])
    everything = ComposeFiles(files, profiles=("*",))
    done = await compose(engine, everything, ["config", "--format", "json"], _CONFIG_SECONDS)
    if done.code is None:
        raise EnvironmentProblem(f"docker compose config did not answer within {_CONFIG_SECONDS:g} s")
    if done.code != 0:
        words = done.err.strip() or done.out.strip()
        if "unknown" in words and "compose" in words.splitlines()[0]:
            raise EnvironmentProblem(
                "the compose plugin of docker is missing", "make setup, or install Compose 2.24.4 or later"
            )
        raise BadInput([Problem.about(str(files[0]), f"Compose cannot read it: {words}")])
    return read_compose_json(done.out)


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


def write(path: Path, text: str) -> None:
    """Writes a file that the users inside containers can read, whatever the umask is."""
    make_folder(path.parent)
    write_file(path, text, mode=0o644)


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _proxy_file(folder: Path, service: str) -> Path:
    return folder / "toxiproxy" / f"{service.removeprefix('toxiproxy-')}.json"


def _write_override(prepared: Prepared) -> None:
    document = splice(prepared.compose, prepared.topology, prepared.wiring)
    write(prepared.override, override_text(document))
    ports = {f"{service}:{port}": host for (service, port), host in prepared.wiring.ports.items()}
    write(prepared.override.with_name("ports.json"), json.dumps(ports, indent=2))


def _paced_files(plan: Plan, root: Path, read: ComposeFile, folder: Path) -> dict[str, dict[str, str]]:
    """Write the compressed copies; service -> (container path -> host path of the copy)."""
    mounts: dict[str, dict[str, str]] = {}
    problems = []
    for one in _to_pace(plan.stack):
        source = root / one.name
        target = _shown(read.services[one.service].mounts, source)
        if target is None:
            message = f"{one.name} is not mounted in service {one.service}"
            fix = f"mount it there, or fix `{one.key}:` in stack.yaml: a compressed copy must replace it"
            problems.append(Problem.about(str(root / plan.stack.compose), message, fix))
            continue
        try:
            text = source.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem.about(str(source), f"cannot be read: {error}"))
            continue
        copy = folder / one.key / one.name.replace("../", "").replace("/", "-")
        write(copy, one.change(text, plan.pace, str(source)))
        mounts.setdefault(one.service, {})[target] = str(copy)
    if problems:
        raise BadInput(problems)
    return mounts


@dataclass(frozen=True)
class _PacedFile:
    """A configuration file; its service gets a compressed copy. ``key``: of stack.yaml."""

    key: str
    service: str
    name: str
    change: Callable[[str, float, str], str]


def _to_pace(stack: Stack) -> Iterator[_PacedFile]:
    if (prometheus := stack.prometheus) is not None:
        yield _PacedFile("prometheus", prometheus.service, prometheus.config, pace_config)
        for rule in prometheus.rules:
            change = partial(pace_rules, stand_ins=prometheus.stand_ins)
            yield _PacedFile("prometheus", prometheus.service, rule, change)
    if (manager := stack.alertmanager) is not None:
        yield _PacedFile("alertmanager", manager.service, manager.config, pace_alertmanager)


def _shown(mounts: tuple[Mount, ...], host_file: Path) -> str | None:
    """The path of a host file in a container; the most specific mount wins; follows symbolic links."""
    found = None
    for mount in sorted(mounts, key=lambda mount: len(mount.target)):
        real = replace(mount, source=os.path.realpath(mount.source))
        found = mount.shows(str(host_file)) or real.shows(os.path.realpath(host_file)) or found
    return found


def _labels(plan: Plan, run_id: str, owner: Owner) -> dict[str, str]:
    lease = Lease.of(plan.estimate_seconds, time.time())
    return {RUN_LABEL: run_id, OWNER_LABEL: str(owner), LEASE_LABEL: str(lease)}


def hand_over(
    environment: Mapping[str, Mapping[str, str]], redacted: Iterable[str], secrets: Iterable[str]
) -> tuple[dict[str, dict[str, str | EnvironmentValue]], dict[str, str]]:
    """The environment with a reference instead of each secret, and the values of the references."""
    names, values = set(redacted), tuple(secrets)
    handed: dict[str, str] = {}
    shown: dict[str, dict[str, str | EnvironmentValue]] = {}
    for service, variables in environment.items():
        shown[service] = {}
        for name, value in variables.items():
            if name in names or redact(value, values) != value:
                reference = f"{_HANDED}{len(handed)}"
                handed[reference] = value
                shown[service][name] = EnvironmentValue(reference)
            else:
                shown[service][name] = value
    return shown, handed


def secrets_of(plan: Plan, read: ComposeFile) -> tuple[str, ...]:
    """Values of the variables that stack.yaml wants redacted; a procedure may start a dormant service too."""
    services = (*read.services.values(), *read.dormant.values())
    environments: list[Mapping[str, str]] = [service.environment for service in services]
    environments += plan.env.values()
    return hideable(env[name] for env in environments for name in plan.stack.redact if env.get(name))


async def find_secrets(plan: Plan, engine: EngineAddress) -> tuple[str, ...]:
    """``secrets_of`` before anything else is known of the run.

    The values in a compose file that cannot be read are unknown (``prepare`` will say why): every header that
    stack.yaml sends is then taken for a secret.
    """
    try:
        return secrets_of(plan, await read_plain(_plain_files(plan), engine))
    except GamedayError:
        actions = [action for lever in plan.stack.levers.values() for action in lever.actions.values()]
        headers = [action.http.headers for action in actions if action.http is not None]
        headers += [request.headers for load in plan.stack.load.values() for request in load.requests]
        headers += [given for ledger in plan.stack.ledgers.values() for given in ledger.all_headers()]
        return hideable([*plan.given_secrets, *(value for header in headers for value in header.values())])
