"""What of a project belongs to its owner, and what a run puts in its place."""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path, PurePosixPath

# Folders in which software keeps what it writes, by the words in their paths; a convention, no standard.
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
_DATA_ROOTS = ("/var/lib", "/var/opt", "/var/spool", "/var/log", "/var/cache", "/srv", "/mnt")
_CONFIG_ROOTS = ("/etc", "/docker-entrypoint-initdb.d", "/usr/local/etc")

MIB = 1024 * 1024
RAISE_COPY_MOST = "raise copy_most_mib in stack.yaml, or remove data: copy"


class InPlace(StrEnum):
    """What a run mounts where the plain project mounts something of the host."""

    SAME = "same"  # read-only there, or named in use_as_is
    READ_ONLY = "read only"  # code and configuration: the run needs to read it
    EMPTY = "empty volume"  # data: the run gets a volume of its own


class OwnersData(StrEnum):
    """What the volumes of a run hold that stand in for the owner's."""

    EMPTY = "empty"
    COPY = "copy"


def named_as_is(entries: Iterable[str], compose: Path) -> frozenset[str]:
    """``use_as_is:`` of stack.yaml, with host paths as Compose renders them: absolute, from the folder of the
    compose file.
    """
    found = set()
    for entry in entries:
        kind, _, name = entry.partition(" ")
        found.add(f"bind {os.path.abspath(compose.parent / name)}" if kind == "bind" else entry)
    return frozenset(found)


def in_place_of(target: str, read_only: bool, empty: bool) -> InPlace:
    """What takes the place of a bind mount at ``target``. ``empty``: there is nothing at its host path, or an
    empty folder.
    """
    if read_only:
        return InPlace.SAME
    path = PurePosixPath(target)
    if any(path.is_relative_to(root) for root in _CONFIG_ROOTS):
        return InPlace.EMPTY if empty else InPlace.READ_ONLY
    parts = {part.lower() for part in path.parts}
    data = bool(parts & _DATA_WORDS) or any(path.is_relative_to(root) for root in _DATA_ROOTS)
    return InPlace.EMPTY if empty or (data and not path.suffix) else InPlace.READ_ONLY


def too_large(source: str, most_mib: int) -> str:
    """What is said of data that are larger than their bound. ``source``: kind and name."""
    return f"data: copy would copy more than {most_mib} MiB; {source} is too large"
