"""Reads a compose project's services from its YAML, without an engine and without Compose."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chaos import digits
from chaos.errors import BadInput, Problem
from chaos.model.project_files import override_beside
from chaos.model.stack import Stack
from chaos.scenario.composed.given import NOTHING, ServiceTexts, given_files
from chaos.scenario.composed.interpolation import UNKNOWN
from chaos.scenario.composed.located import problem_in
from chaos.scenario.composed.merge import as_mapping
from chaos.scenario.composed.project import Project, read_project
from chaos.scenario.places import Loc

_RANGE = re.compile(r"(\d+)(?:-(\d+))?$")
_MOST_REPLICAS = 1_000_000_000
_MOST_PORTS = 64  # read from one range; a longer range is one kind of port, such as those of a media server
_SHOWN = 40  # characters of a wrong port in a message
COMPLETED = "service_completed_successfully"


@dataclass(frozen=True)
class Port:
    """One port inside the container. ``host``: its published port; None if the engine chooses it."""

    inside: int
    published: bool
    host: int | None = None
    udp: bool = False


@dataclass(frozen=True)
class Bind:
    """A folder or file of the host that a service mounts at ``target``."""

    source: Path
    target: str
    read_only: bool = False


@dataclass(frozen=True)
class ComposeService:
    """One service. ``names``: other names under which clients dial it, including fixed addresses."""

    name: str
    image: str = ""
    built: bool = False
    depends_on: Mapping[str, str] | None = None  # service -> condition
    all_ports: tuple[Port, ...] = ()
    healthcheck: str = ""  # the test's words, joined; empty without one
    environment: tuple[tuple[str, str], ...] = ()
    from_files: frozenset[str] = frozenset()  # variables that only an env file gives
    build_args: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    words: str = ""  # entrypoint and command
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()  # fixed ones
    links: tuple[tuple[str, str], ...] = ()  # (alias, service)
    more_environment: bool = False  # a missing env file would add variables that are not listed here
    profiles: tuple[str, ...] = ()
    network_mode: str = ""
    networks: tuple[str, ...] = ()  # none with a network_mode
    replicas: int = 1
    mounts: tuple[Bind, ...] = ()
    restart: str = ""  # the policy; "no" or "" (none is given): the engine never restarts it
    unknown_ports: tuple[str, ...] = ()  # as written, where a variable has no value
    outside: tuple[str, ...] = ()  # containers of other projects that it refers to
    provider: str = ""  # the program that creates it instead of the engine
    given: ServiceTexts = NOTHING  # what it reads from configs and secrets

    @property
    def ports(self) -> tuple[int, ...]:
        """TCP ports inside the container, the published ones first."""
        tcp = [port for port in self.all_ports if not port.udp]
        return tuple(dict.fromkeys(p.inside for p in sorted(tcp, key=lambda port: not port.published)))

    @property
    def published(self) -> tuple[int, ...]:
        """TCP ports inside the container that it publishes."""
        return tuple(dict.fromkeys(p.inside for p in self.all_ports if p.published and not p.udp))

    @property
    def udp_ports(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(port.inside for port in self.all_ports if port.udp))


@dataclass(frozen=True)
class _Wrong:
    """What is wrong with ``value``, an entry of the list at ``loc``."""

    loc: Loc
    value: object
    message: str
    fix: str


@dataclass(frozen=True)
class ComposeProject:
    """Services in file order, volumes by name, and sentences about what could not be read."""

    services: Mapping[str, ComposeService]
    volumes: tuple[str, ...]
    networks: tuple[str, ...]
    binds: tuple[Path, ...]  # host paths that are mounted
    notes: tuple[str, ...]
    files: tuple[Path, ...]
    shown: str = ""  # the first file as the user named it
    name: str = ""  # as Compose resolves it

    def problem(self, loc: Loc, message: str, fix: str = "") -> Problem:
        """A problem with the project, at its line if one of ``files`` has ``loc``."""
        return problem_in(_named(self.files, self.shown), loc, message, fix)


def read_compose_project(path: Path, more: Sequence[Path] = (), shown: str | None = None) -> ComposeProject:
    """The project of a compose file, merged with ``more`` files or else with the override file beside it.

    BadInput if a file is missing, is not YAML, or has no services.
    """
    beside = override_beside(path)
    files = (path, *(more or ([beside] if beside else [])))
    project = read_project(files, shown or str(path))
    wrong: list[_Wrong] = []
    services = {
        name: _service(name, body, project, wrong, path.parent) for name, body in project.services.items()
    }
    if wrong:
        named = _named(files, shown or str(path))
        raise BadInput([problem_in(named, one.loc, one.message, one.fix, one.value) for one in wrong])
    binds = tuple(mount.source for service in services.values() for mount in service.mounts)
    return ComposeProject(
        services,
        tuple(project.volumes),
        tuple(project.networks),
        binds,
        tuple(project.notes),
        files,
        shown or str(path),
        project.name,
    )


def _named(files: Sequence[Path], shown: str) -> list[tuple[Path, str]]:
    return list(zip(files, [shown, *map(str, files[1:])], strict=True))


def project_of(stack: Stack, root: Path, shown: str | None = None) -> ComposeProject:
    """The project of a stack whose stack.yaml is in ``root``; see ``read_compose_project``."""
    return read_compose_project(root / stack.compose, [root / file for file in stack.overrides], shown)


def read_compose(stack: Stack, root: Path) -> dict[str, ComposeService]:
    """Services of a stack's project, in file order; see ``read_compose_project``."""
    return dict(project_of(stack, root).services)


def _service(
    name: str, body: Mapping[str, object], project: Project, wrong: list[_Wrong], folder: Path
) -> ComposeService:
    ports = _list(body.get("ports"))
    networks = [_mapping(one) for one in _mapping(body.get("networks")).values()]
    aliases = [str(alias) for network in networks for alias in _list(network.get("aliases"))]
    addresses = [network.get(key) for network in networks for key in ("ipv4_address", "ipv6_address")]
    own_names = [body.get("container_name"), body.get("hostname"), *aliases]
    network_mode = str(body.get("network_mode") or "")
    return ComposeService(
        name=name,
        image=str(body.get("image") or ""),
        built="build" in body,
        depends_on={
            other: str(_mapping(facts).get("condition", "service_started"))
            for other, facts in _mapping(body.get("depends_on")).items()
        },
        all_ports=(
            *_ports(("services", name, "ports"), ports, wrong),
            *_ports(("services", name, "expose"), _list(body.get("expose")), wrong),
        ),
        healthcheck=_health_test(_mapping(body.get("healthcheck"))),
        environment=_pairs(body.get("environment")),
        from_files=project.from_files.get(name, frozenset()),
        build_args=_pairs(as_mapping("args", _mapping(body.get("build")).get("args"))),
        labels=_pairs(body.get("labels")),
        words=f"{_words(body.get('entrypoint'))} {_words(body.get('command'))}".strip(),
        names=tuple(dict.fromkeys(str(one) for one in own_names if one and UNKNOWN not in str(one))),
        addresses=tuple(str(one) for one in addresses if one),
        links=tuple(_link(str(entry)) for entry in _list(body.get("links"))),
        more_environment=name in project.more_variables,
        profiles=tuple(str(entry) for entry in _list(body.get("profiles"))),
        network_mode=network_mode,
        networks=() if network_mode else tuple(_mapping(body.get("networks"))) or ("default",),
        replicas=_replicas(body),
        mounts=tuple(_mounts(body, folder)),
        restart=_restart(body),
        unknown_ports=tuple(_inside(entry) for entry in ports if UNKNOWN in _inside(entry)),
        outside=tuple(_outside_the_project(body)),
        provider=str(_mapping(body.get("provider")).get("type") or ""),
        given=given_files(body, project.configs, project.secrets),
    )


def _outside_the_project(body: Mapping[str, object]) -> Iterator[str]:
    for entry in _list(body.get("external_links")):
        yield f"external_links {entry}"
    for entry in _list(body.get("volumes_from")):
        if str(entry).startswith("container:"):
            yield f"volumes_from {entry}"


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    return tuple((str(key), "" if one is None else _text(one)) for key, one in _mapping(value).items())


def _health_test(check: Mapping[str, object]) -> str:
    """The words of a health check; empty if it is disabled."""
    words = _words(check.get("test"))
    return "" if check.get("disable") is True or words == "NONE" else words


def _mounts(body: Mapping[str, object], folder: Path) -> Iterator[Bind]:
    """The bind mounts of a service; relative host paths start at ``folder``."""
    for entry in _list(body.get("volumes")):
        if isinstance(entry, Mapping):
            source, target = str(entry.get("source", "")), str(entry.get("target", ""))
            read_only = entry.get("read_only") is True
        else:
            source, colon, rest = str(entry).partition(":")
            if not colon:
                continue  # a volume without a name
            target, _, options = rest.partition(":")
            read_only = "ro" in options.split(",")
        if source.startswith((".", "/", "~")):
            yield Bind(Path(os.path.abspath(folder / os.path.expanduser(source))), target, read_only)


def _ports(loc: Loc, entries: list[object], wrong: list[_Wrong]) -> Iterator[Port]:
    """Ports of entries such as ``8000``, ``"127.0.0.1:80:8000/tcp"``, ``8000-8002`` or ``{target: 8000}``."""
    for entry in entries:
        inside, _, protocol = _inside(entry).partition("/")
        found = _RANGE.match(inside)
        if found is None:
            continue
        first, last = digits.port(found[1]), digits.port(found[2] or found[1])
        if first is None or last is None or first > last:
            shown = inside if len(inside) <= _SHOWN else f"{inside[:_SHOWN]}..."
            message = f"service {loc[1]}: expected a port from 1 to {digits.LAST_PORT}, got {shown}"
            wrong.append(_Wrong(loc, entry, message, "put the entry of `ports:` in quotes"))
            continue
        host = _RANGE.match(_outside(entry))
        beside = digits.port(host[1]) if host else None
        for number in range(first, min(last, first + _MOST_PORTS) + 1):
            at = beside + number - first if beside is not None else None
            yield Port(number, loc[-1] == "ports", at, protocol == "udp")


def _inside(entry: object) -> str:
    if isinstance(entry, Mapping):
        return f"{entry.get('target', '')}/{entry.get('protocol', 'tcp')}"
    return str(entry).rpartition(":")[2]


def _outside(entry: object) -> str:
    if isinstance(entry, Mapping):
        return str(entry.get("published", ""))
    return str(entry).rpartition(":")[0].rpartition(":")[2]


def _replicas(body: Mapping[str, object]) -> int:
    """``scale``, else ``deploy.replicas``; 1 where neither is a number."""
    for value in (body.get("scale"), _mapping(body.get("deploy")).get("replicas")):
        if (number := digits.whole(str(value), _MOST_REPLICAS)) is not None:
            return number
    return 1


def _restart(body: Mapping[str, object]) -> str:
    """``restart``, else the condition of ``deploy.restart_policy``."""
    given = body.get("restart")
    if given is None:
        given = _mapping(_mapping(body.get("deploy")).get("restart_policy")).get("condition")
    if given is None:
        return ""
    return "no" if given in (False, "false", "none") else _text(given)


def _link(entry: str) -> tuple[str, str]:
    service, _, alias = entry.partition(":")
    return (alias or service, service)


def _words(value: object) -> str:
    return " ".join(str(word) for word in value) if isinstance(value, list) else str(value or "")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]
