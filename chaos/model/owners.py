"""Which mounts of a project belong to its owner, and what a run mounts instead."""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path, PurePosixPath

# Words in the paths of folders in which software usually keeps its data. A convention, not a standard.
_DATA_WORDS = frozenset(
    (
        *("data", "db", "database", "databases", "storage", "store", "state", "persist", "volumes"),
        *(
            "uploads",
            "upload",
            "media",
            "files",
            "attachments",
            "images",
            "backup",
            "backups",
            "dump",
            "dumps",
        ),
        *("cache", "log", "logs", "tmp", "spool", "queue", "mnesia", "bitnami", "pgdata", "wal"),
    )
)
_DATA_ENDINGS = ("_data", "-data", "_db", "-db")  # as in /meili_data
_DATA_ROOTS = (
    *("/var/lib", "/var/opt", "/var/spool", "/var/log", "/var/cache", "/srv", "/mnt"),
    *("/var/mail", "/var/jenkins_home", "/var/atlassian"),
)
_CONFIG_ROOTS = ("/etc", "/docker-entrypoint-initdb.d", "/usr/local/etc")

# Names of the sockets by which a program commands a container engine.
_ENGINE_SOCKETS = frozenset(
    ("docker.sock", "docker.raw.sock", "podman.sock", "containerd.sock", "crio.sock", "balena-engine.sock")
)

MIB = 1024 * 1024
RAISE_COPY_MOST = "raise copy_most_mib in stack.yaml, or remove data: copy"


class InPlace(StrEnum):
    """What a run mounts where the project mounts a path of the host."""

    SAME = "same"  # the same path: the project mounts it read-only, or use_as_is names it
    READ_ONLY = "read only"  # the same path, read-only: code or configuration that the run must read
    EMPTY = "empty volume"  # an empty volume of the run: data


class OwnersData(StrEnum):
    """What the volumes of a run contain that replace the volumes of the owner."""

    EMPTY = "empty"
    COPY = "copy"


def named_as_is(entries: Iterable[str], compose: Path) -> frozenset[str]:
    """The entries of ``use_as_is:`` in stack.yaml. Host paths are absolute, as Compose renders them: relative
    ones start at the folder of the compose file.
    """
    found = set()
    for entry in entries:
        kind, _, name = entry.partition(" ")
        found.add(f"bind {os.path.abspath(compose.parent / name)}" if kind == "bind" else entry)
    return frozenset(found)


def is_engine_socket(target: str) -> bool:
    """Is the container engine of the host mounted at ``target``? Who may write to it commands every container
    of the owner.
    """
    return PurePosixPath(target).name in _ENGINE_SOCKETS


def in_place_of(target: str, read_only: bool, empty: bool) -> InPlace:
    """What a run mounts instead of a bind mount at ``target``. ``empty``: the host path does not exist or is
    an empty folder.
    """
    if read_only:
        return InPlace.SAME
    if is_engine_socket(target):
        return InPlace.EMPTY
    path = PurePosixPath(target)
    if any(path.is_relative_to(root) for root in _CONFIG_ROOTS):
        return InPlace.EMPTY if empty else InPlace.READ_ONLY
    parts = {part.lower() for part in path.parts}
    named = bool(parts & _DATA_WORDS) or any(part.endswith(_DATA_ENDINGS) for part in parts)
    data = named or any(path.is_relative_to(root) for root in _DATA_ROOTS)
    return InPlace.EMPTY if empty or (data and not path.suffix) else InPlace.READ_ONLY


def too_large(source: str, most_mib: int) -> str:
    """The message about data that is too large to copy. ``source``: kind and name."""
    return f"data: copy would copy more than {most_mib} MiB; {source} is too large"
