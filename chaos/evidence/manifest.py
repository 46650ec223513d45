"""``manifest.json``: SHA-256 and size of every file of a folder, and who sealed it when."""

from __future__ import annotations

import hashlib
import operator
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError, model_validator

from chaos.errors import GamedayError
from chaos.model.base import Frozen

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
HALF_WRITTEN = "manifest.part"  # what a sealing that was cut off leaves behind; the next one removes it
# The seal itself; and what stands for off-site storage: databases' own files, which a later restore may use.
OFFSITE = "offsite/"
LEFT_OUT = (MANIFEST, SIGNATURE, HALF_WRITTEN, OFFSITE)
SCHEMA_VERSION = 3  # 2: empty folders are sealed too; 3, of runs on a warm stack only: ``warm_after``
EMPTY_FOLDERS_SINCE = 2
COLD_VERSION = 2  # of every other manifest, so that an earlier gameday reads it

_INSTANT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class UnknownVersion(GamedayError):
    """The manifest is whole, but a newer gameday wrote it."""


class Damaged(GamedayError):
    """There is a manifest, and it cannot be one that gameday wrote."""


class Reason(StrEnum):
    """Why a folder was sealed."""

    RUN = "run"  # at the end of its run, by the process that ran it
    LATE = "late"  # after the run: changes in between cannot be detected
    REDRAWN = "redrawn"  # it was intact, and its verdict and reports were made again


class SealedFile(Frozen):
    """One file. ``path`` is relative to the folder, with slashes."""

    path: str
    size: int = Field(ge=0)  # bytes
    sha256: Sha256


class KeyUsed(Frozen):
    """The Ed25519 key of ``manifest.sig``. That it stands here proves nothing: compare the fingerprint."""

    algorithm: str = "Ed25519"
    fingerprint: Sha256  # SHA-256 of the key as DER SubjectPublicKeyInfo
    public_key: str  # base64 of the 32 raw bytes


class Earlier(Frozen):
    """A seal that this one replaced, over a folder that was intact then."""

    sealed_at: str
    reason: Reason
    manifest_sha256: Sha256
    fingerprint: Sha256 | None = None  # of the key that had signed it


class Manifest(Frozen):
    schema_version: int = COLD_VERSION
    run: str  # name of the folder
    run_id: str
    gameday: Annotated[str, StringConstraints(pattern=r"^[\w.+-]{1,40}$")]  # version that sealed it
    sealed_at: Annotated[str, StringConstraints(pattern=_INSTANT)]  # UTC, ISO 8601
    reason: Reason
    left_out: tuple[str, ...] = LEFT_OUT
    key: KeyUsed | None = None
    earlier: tuple[Earlier, ...] = ()
    # Ids of the runs before it on the same stack; written only if there are.
    warm_after: tuple[str, ...] = Field(default=(), exclude_if=operator.not_)
    files: tuple[SealedFile, ...]

    @model_validator(mode="after")
    def _sorted_and_unique(self) -> Manifest:
        paths = [entry.path for entry in self.files]
        if paths != sorted(set(paths)):
            raise ValueError("files: expected each path once, sorted")
        return self

    def text(self) -> str:
        """The bytes of manifest.json, as text."""
        return self.model_dump_json(indent=1) + "\n"


class _Version(Frozen, extra="ignore"):
    schema_version: int


def read_manifest(text: bytes) -> Manifest:
    """Raises ``Damaged`` or ``UnknownVersion``."""
    try:
        version = _Version.model_validate_json(text).schema_version
    except ValidationError as error:
        raise Damaged(f"{MANIFEST} is damaged: {_first(error)}") from error
    if version > SCHEMA_VERSION:
        raise UnknownVersion(f"{MANIFEST} has schema version {version}, this gameday reads {SCHEMA_VERSION}")
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        raise Damaged(f"{MANIFEST} is damaged: {_first(error)}") from error


def _first(error: ValidationError) -> str:
    one = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, one['loc'])) or 'content'}: {one['msg']}"


def run_id_of(folder: Path) -> str:
    """The id of the run that a folder of this name holds."""
    return folder.resolve().name.rsplit("-", 1)[-1]


def walk(folder: Path) -> Iterator[str]:
    """Relative paths of all in the folder but what is left out; no link is followed.

    An empty folder is named with a slash at its end; of any other folder what it holds is named.

    Raises ``OSError`` for a directory that cannot be listed: half a listing would hide files.
    """

    def refuse(error: OSError) -> None:
        raise error

    for place, folders, names in os.walk(folder, onerror=refuse):
        linked = [name for name in folders if (Path(place) / name).is_symlink()]
        if Path(place) == folder:  # a link in the place of what is left out is not left out
            folders[:] = [name for name in folders if f"{name}/" not in LEFT_OUT or name in linked]
        elif not folders and not names:
            yield Path(place).relative_to(folder).as_posix() + "/"
        for name in (*names, *linked):
            file = Path(place) / name
            path = file.relative_to(folder).as_posix()
            if path not in LEFT_OUT or file.is_symlink():
                yield path


def entry_of(folder: Path, path: str) -> SealedFile:
    """Size and sum of one file; a link counts as the address that it holds, never as what lies there.

    A folder, which ends with a slash, counts as no bytes. Raises ``OSError`` when it is gone, cannot be read
    or is not one of the three.
    """
    file = folder / path
    mode = file.lstat().st_mode
    if path.endswith("/") and stat.S_ISDIR(mode):
        return SealedFile(path=printable(path), size=0, sha256=hashlib.sha256().hexdigest())
    digest = hashlib.sha256()
    size = 0
    if stat.S_ISLNK(mode):
        target = b"link to " + os.fsencode(os.readlink(file))
        digest.update(target)
        size = len(target)
    elif stat.S_ISREG(mode):
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
                size += len(block)
    else:
        raise OSError(f"{path} is neither a file nor a link")
    return SealedFile(path=printable(path), size=size, sha256=digest.hexdigest())


def printable(path: str) -> str:
    """A name that stands in JSON and on a terminal: odd bytes and control characters are spelt out, and a
    backslash is doubled, so that no two names look alike.
    """
    plain = (letter if letter.isprintable() and letter != "\\" else repr(letter)[1:-1] for letter in path)
    return "".join(plain)


def instant(seconds: float) -> str:
    """``2026-11-21T17:30:00Z`` of seconds since the epoch."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
