"""Replaces the owner's data and networks by volumes and networks of the run. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chaos.adapters.overlay.compose_file import ComposeFile, Mount, ProjectService
from chaos.adapters.overlay.override import Value
from chaos.adapters.overlay.wiring import Wiring
from chaos.model.owners import InPlace, in_place_of, is_engine_socket


def mounts_of(service: ProjectService, wiring: Wiring) -> list[Value]:
    """The mounts that differ from the plain project's; each replaces the one at the same path."""
    files = wiring.mounts.get(service.name, {})
    mounts: list[Value] = [bind(source, target) for target, source in files.items()]
    for mount in _binds(service, wiring):
        if mount.target in files:
            continue
        if _instead(mount, wiring) is InPlace.EMPTY:
            mounts.append({"type": "volume", "source": _volume(service, mount), "target": mount.target})
        elif _instead(mount, wiring) is InPlace.READ_ONLY:
            mounts.append(bind(mount.source, mount.target))
    return mounts


def own_data(compose: ComposeFile, wiring: Wiring) -> Iterator[str]:
    """Keys of the volumes that replace folders of the owner."""
    for service in (*compose.services.values(), *compose.dormant.values()):
        for mount in _binds(service, wiring):
            if _instead(mount, wiring) is InPlace.EMPTY:
                yield _volume(service, mount)


@dataclass(frozen=True)
class DataCopy:
    """The source of a copied volume: a volume of the owner, or a folder. ``key``: in the project."""

    kind: str  # volume, bind
    source: str
    key: str


def copies_of(compose: ComposeFile, wiring: Wiring) -> tuple[DataCopy, ...]:
    """What a run copies with ``data: copy``: each volume and data folder of the owner that is not under
    ``use_as_is``. Off-site volumes keep what runs put there.
    """
    found: dict[str, DataCopy] = {}
    for service in compose.services.values():
        for mount in service.mounts:
            as_is = f"volume {mount.source}" in wiring.as_is or mount.source in wiring.offsite
            if mount.kind == "volume" and mount.source in compose.volumes and not as_is:
                name = compose.volume_names.get(mount.source, mount.source)
                found[mount.source] = DataCopy("volume", name, mount.source)
        for mount in _binds(service, wiring):
            data = mount.source not in wiring.empty and not is_engine_socket(mount.target)
            if data and _instead(mount, wiring) is InPlace.EMPTY:
                key = _volume(service, mount)
                found[key] = DataCopy("bind", mount.source, key)
    return tuple(found.values())


def foreign_networks(compose: ComposeFile, wiring: Wiring) -> list[str]:
    """External networks; the run replaces each by its own network."""
    return [key for key, own in compose.networks.items() if not own and f"network {key}" not in wiring.as_is]


def private(key: str, wiring: Wiring) -> dict[str, Value]:
    """A network or volume that belongs only to this run."""
    return {"name": f"{wiring.project}_{key}", "labels": dict(wiring.labels)}


def dialled_by_name(compose: ComposeFile) -> dict[str, dict[str, str]]:
    """Service -> variables with fixed addresses of other services, replaced by their names.

    A run has networks of its own, with other addresses.
    """
    names = {address: name for name, service in compose.services.items() for address in service.addresses}
    found: dict[str, dict[str, str]] = {}
    for service in compose.services.values():
        for variable, value in service.environment.items():
            changed = value
            for address, name in names.items():
                changed = re.sub(_as_dialled(address), name, changed)
            if changed != value:
                found.setdefault(service.name, {})[variable] = changed
    return found


def _as_dialled(address: str) -> str:
    """The pattern of an address in a variable. An IPv6 address may be in brackets, which a name has not."""
    plain = re.escape(address)
    return rf"\[{plain}\]|(?<![\w.:]){plain}(?![\w.:])" if ":" in address else rf"(?<![\w.:]){plain}(?![\w.])"


def bind(source: str, target: str) -> Value:
    return {"type": "bind", "source": source, "target": target, "read_only": True}


def _binds(service: ProjectService, wiring: Wiring) -> list[Mount]:
    return [m for m in service.mounts if m.kind == "bind" and f"bind {m.source}" not in wiring.as_is]


def _instead(mount: Mount, wiring: Wiring) -> InPlace:
    return in_place_of(mount.target, mount.read_only, mount.source in wiring.empty)


def _volume(service: ProjectService, mount: Mount) -> str:
    """The key of the volume that replaces a folder; services that share the folder share the volume."""
    return "data-" + "".join(letter if letter.isalnum() else "-" for letter in mount.source.strip("/"))[-80:]
