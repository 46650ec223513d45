"""A plain compose file as ``docker compose config --format json`` renders it, reduced to what the splice
needs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from chaos.digits import port
from chaos.errors import ToolProblem
from chaos.json_text import single_dollars

MOST_PORTS = 64  # read from one range; a longer range is one kind of port, such as those of a media server


@dataclass(frozen=True)
class Mount:
    """One entry of a service's ``volumes``; ``source``: a host path for a bind, else a volume's key."""

    kind: str
    source: str
    target: str
    read_only: bool = False

    def shows(self, host_path: str) -> str | None:
        """The path inside the container of a host file; None if the mount does not cover it."""
        if self.kind != "bind":
            return None
        source, path = PurePosixPath(self.source), PurePosixPath(host_path)
        if path == source:
            return self.target
        return (
            str(PurePosixPath(self.target) / path.relative_to(source))
            if path.is_relative_to(source)
            else None
        )


@dataclass(frozen=True)
class ProjectService:
    """One service. ``networks``: key of each network -> the aliases it has there, without its own name."""

    name: str
    image: str
    networks: Mapping[str, tuple[str, ...]]
    environment: Mapping[str, str]
    mounts: tuple[Mount, ...] = ()
    depends_on: Mapping[str, str] = field(default_factory=dict)  # service -> condition
    legacy_links: Mapping[str, str] = field(default_factory=dict)  # alias -> service, from the old `links:`
    container_name: str | None = None
    hostname: str | None = None
    network_mode: str | None = None
    built: bool = False  # has `build:`
    publishes: bool = False
    labelled: bool = False
    external_links: bool = False  # to containers of other projects
    volumes_from: tuple[str, ...] = ()  # services, or ``container:NAME`` outside the project
    addresses: tuple[str, ...] = ()  # fixed ones
    restart: str = ""  # the policy; "no" means no restart
    profiles: tuple[str, ...] = ()  # it only starts with one of these
    replicas: int = 1  # 0: Compose starts no container of it
    ports: tuple[int, ...] = ()  # TCP ports that it is known to listen on
    udp_ports: tuple[int, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Every name under which other services may dial it."""
        own = [name for name in (self.name, self.container_name, self.hostname) if name]
        return tuple(
            dict.fromkeys([*own, *(alias for aliases in self.networks.values() for alias in aliases)])
        )


@dataclass(frozen=True)
class ComposeFile:
    """The project. Networks and volumes: key -> is it the project's own (not ``external``)?

    ``dormant``: services without an active profile. A command may still start one by name.
    """

    project: str
    services: Mapping[str, ProjectService]
    networks: Mapping[str, bool]
    volumes: Mapping[str, bool]
    addressed: frozenset[str] = frozenset()  # networks with a fixed range of addresses
    internal: frozenset[str] = frozenset()  # networks from which Docker publishes no port
    dormant: Mapping[str, ProjectService] = field(default_factory=dict)
    volume_names: Mapping[str, str] = field(default_factory=dict)  # key -> the engine's name for it
    secret_files: tuple[str, ...] = ()  # host paths of files that its `secrets:` name
    secret_variables: tuple[str, ...] = ()  # variables of Compose that its `secrets:` name

    def jobs(self) -> frozenset[str]:
        """Services that do their work and end: other services wait for their end, or they never restart and
        publish nothing.
        """
        waited_for = {
            other
            for service in self.services.values()
            for other, condition in service.depends_on.items()
            if condition == "service_completed_successfully"
        }
        ending = {name for name, one in self.services.items() if one.restart == "no" and not one.publishes}
        return frozenset(waited_for | ending)

    def listening(self, exposed_by: Callable[[str], Collection[str]]) -> ComposeFile:
        """This project with what its services' images expose as well. ``exposed_by``: image -> ports such as
        ``80/tcp``.
        """
        return replace(
            self,
            services={
                name: replace(
                    one,
                    ports=_with(one.ports, exposed_by(one.image), "tcp"),
                    udp_ports=_with(one.udp_ports, exposed_by(one.image), "udp"),
                )
                for name, one in self.services.items()
            },
        )

    def with_profiles(self, active: Collection[str]) -> ComposeFile:
        """This project with the services of these profiles and those without one; the others are dormant, and
        so is a service without replicas.
        """
        everything = {**self.services, **self.dormant}
        awake = {
            name: service
            for name, service in everything.items()
            if service.replicas and (not service.profiles or set(service.profiles) & set(active))
        }
        asleep = {name: service for name, service in everything.items() if name not in awake}
        return replace(self, services=awake, dormant=asleep)


def read_compose_json(text: str) -> ComposeFile:
    """Raises ``ToolProblem`` if Compose printed something other than the project."""
    try:
        raw = json.loads(single_dollars(text))
        return ComposeFile(
            project=str(raw["name"]),
            services={
                name: _service(raw["name"], name, body) for name, body in raw.get("services", {}).items()
            },
            networks=_owned(raw.get("networks")),
            volumes=_owned(raw.get("volumes")),
            volume_names={
                key: str((body or {}).get("name") or key) for key, body in (raw.get("volumes") or {}).items()
            },
            addressed=frozenset(
                key for key, body in (raw.get("networks") or {}).items() if (body or {}).get("ipam")
            ),
            internal=frozenset(
                key for key, body in (raw.get("networks") or {}).items() if (body or {}).get("internal")
            ),
            secret_files=_of_secrets(raw, "file"),
            secret_variables=_of_secrets(raw, "environment"),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ToolProblem(
            f"docker compose config printed something that cannot be read: {error!r}"
        ) from error


def _owned(raw: Mapping[str, Mapping[str, object] | None] | None) -> dict[str, bool]:
    """Key -> is it the project's own: not external, and not a name for a folder or server of the owner?"""
    return {
        key: not (body or {}).get("external", False)
        and not _mapping((body or {}).get("driver_opts")).get("device")
        for key, body in (raw or {}).items()
    }


def _of_secrets(raw: Mapping[str, object], key: str) -> tuple[str, ...]:
    bodies = [_mapping(body) for body in _mapping(raw.get("secrets")).values()]
    return tuple(dict.fromkeys(str(body[key]) for body in bodies if body.get(key)))


def _service(project: str, name: str, raw: Mapping[str, object]) -> ProjectService:
    container_name, hostname = raw.get("container_name"), raw.get("hostname")
    network_mode = raw.get("network_mode")
    return ProjectService(
        name=name,
        image=str(raw.get("image") or f"{project}-{name}"),  # the name that `docker compose build` gives it
        networks={
            key: tuple(str(alias) for alias in _items(_mapping(body).get("aliases")))
            for key, body in _mapping(raw.get("networks")).items()
        },
        environment={k: str(v) for k, v in _mapping(raw.get("environment")).items() if v is not None},
        mounts=tuple(_mount(_mapping(entry)) for entry in _items(raw.get("volumes"))),
        depends_on={
            other: str(_mapping(body).get("condition", "service_started"))
            for other, body in _mapping(raw.get("depends_on")).items()
        },
        legacy_links=dict(_legacy_link(str(entry)) for entry in _items(raw.get("links"))),
        container_name=str(container_name) if container_name else None,
        hostname=str(hostname) if hostname else None,
        network_mode=str(network_mode) if network_mode else None,
        built=bool(raw.get("build")),
        publishes=bool(raw.get("ports")),
        labelled=bool(raw.get("labels")),
        external_links=bool(raw.get("external_links")),
        volumes_from=tuple(str(entry) for entry in _items(raw.get("volumes_from"))),
        addresses=tuple(
            str(address)
            for body in _mapping(raw.get("networks")).values()
            for key in ("ipv4_address", "ipv6_address")
            if (address := _mapping(body).get(key))
        ),
        restart=str(raw.get("restart") or ""),
        profiles=tuple(str(profile) for profile in _items(raw.get("profiles"))),
        ports=tuple(dict.fromkeys(_listening(raw, "tcp"))),
        udp_ports=tuple(dict.fromkeys(_listening(raw, "udp"))),
        replicas=_replicas(raw),
    )


def _replicas(raw: Mapping[str, object]) -> int:
    """``scale``, else ``deploy.replicas``, else 1."""
    found = raw.get("scale", _mapping(raw.get("deploy")).get("replicas"))
    return found if isinstance(found, int) else 1


def _listening(raw: Mapping[str, object], protocol: str) -> Iterator[int]:
    """Ports of ``ports`` and ``expose``; every port of a range in ``expose``, up to ``MOST_PORTS``."""
    for entry in _items(raw.get("ports")):
        body = _mapping(entry)
        if body.get("protocol", "tcp") == protocol and isinstance(body.get("target"), int):
            yield int(str(body["target"]))
    for entry in _items(raw.get("expose")):
        yield from port_range(str(entry), protocol)


def _with(known: Iterable[int], entries: Iterable[str], protocol: str) -> tuple[int, ...]:
    further = (port for entry in entries for port in port_range(entry, protocol))
    return tuple(dict.fromkeys((*known, *further)))


def port_range(text: str, wanted: str = "tcp") -> Iterator[int]:
    """The ports of an entry such as ``8000``, ``8000-8002``, ``8000/tcp`` or ``53/udp``; none if its protocol
    (TCP, if it names none) is another one than ``wanted``.
    """
    numbers, _, protocol = text.partition("/")
    first, _, last = numbers.partition("-")
    begin, end = port(first), port(last or first)
    if (protocol or "tcp") == wanted and begin is not None and end is not None:
        yield from range(begin, end + 1)[:MOST_PORTS]


def _mount(raw: Mapping[str, object]) -> Mount:
    kind, source, target = (str(raw.get(key, "")) for key in ("type", "source", "target"))
    return Mount(kind, source, target, bool(raw.get("read_only")))


def _legacy_link(entry: str) -> tuple[str, str]:
    service, _, alias = entry.partition(":")
    return (alias or service, service)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _items(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else ()
