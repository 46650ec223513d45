"""``manifest.json``: the size and SHA-256 of every file in a folder, and who sealed it and when."""

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
from chaos.files import open_file
from chaos.model.base import Frozen
from chaos.model.run_files import run_id_in

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
HALF_WRITTEN = "manifest.part"  # an interrupted seal leaves it; the next seal removes it
# Not sealed: the seal itself, and the simulated off-site storage, because a later restore may use its files.
OFFSITE = "offsite/"
LEFT_OUT = (MANIFEST, SIGNATURE, HALF_WRITTEN, OFFSITE)
SCHEMA_VERSION = 3  # 2 added empty folders; 3 added ``warm_after``, for runs on a warm stack only
EMPTY_FOLDERS_SINCE = 2
COLD_VERSION = 2  # of all other manifests, so that an earlier gameday can read them

_INSTANT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class UnknownVersion(GamedayError):
    """A newer gameday wrote the manifest."""


class ManifestDamaged(GamedayError):
    """The manifest is not one that gameday wrote."""


class Reason(StrEnum):
    """Why a folder was sealed."""

    RUN = "run"  # at the end of its run, by the process that ran it
    LATE = "late"  # later: changes between the run and the seal cannot be detected
    REDRAWN = "redrawn"  # the folder was intact, and gameday wrote its verdict and reports again


class SealedFile(Frozen):
    """One file, link or empty folder. ``path``: relative to the folder, with slashes (``printable``)."""

    path: str
    size: int = Field(ge=0)  # bytes
    sha256: Sha256


class KeyUsed(Frozen):
    """The Ed25519 key of ``manifest.sig``. A forger can put another key here: compare the fingerprint."""

    algorithm: str = "Ed25519"
    fingerprint: Sha256  # SHA-256 of the key as DER SubjectPublicKeyInfo
    public_key: str  # base64 of the 32 raw bytes


class EarlierSeal(Frozen):
    """An earlier seal of the folder, which was intact when the seal was replaced."""

    sealed_at: str  # UTC, ISO 8601
    reason: Reason
    manifest_sha256: Sha256
    fingerprint: Sha256 | None = None  # of the key that had signed it


class Manifest(Frozen):
    """The contents of manifest.json. ``files``: sorted by path, each path once. ``earlier``: oldest first."""

    schema_version: int = COLD_VERSION
    run: str  # name of the folder
    run_id: str
    gameday: Annotated[str, StringConstraints(pattern=r"^[\w.+-]{1,40}$")]  # version that sealed it
    sealed_at: Annotated[str, StringConstraints(pattern=_INSTANT)]  # UTC, ISO 8601
    reason: Reason
    left_out: tuple[str, ...] = LEFT_OUT
    key: KeyUsed | None = None
    earlier: tuple[EarlierSeal, ...] = ()
    # Ids of the runs before this one on the same warm stack; left out of the JSON if empty.
    warm_after: tuple[str, ...] = Field(default=(), exclude_if=operator.not_)
    files: tuple[SealedFile, ...]

    @model_validator(mode="after")
    def _sorted_and_unique(self) -> Manifest:
        paths = [entry.path for entry in self.files]
        if paths != sorted(set(paths)):
            raise ValueError("files: expected each path once, sorted")
        return self

    def text(self) -> str:
        """The text of manifest.json."""
        return self.model_dump_json(indent=1) + "\n"


class _Version(Frozen, extra="ignore"):
    schema_version: int


def read_manifest(text: bytes) -> Manifest:
    """Parse manifest.json. Raises ``ManifestDamaged`` or ``UnknownVersion``."""
    try:
        version = _Version.model_validate_json(text).schema_version
    except ValidationError as error:
        raise ManifestDamaged(f"{MANIFEST} is damaged: {_first(error)}") from error
    if version > SCHEMA_VERSION:
        raise UnknownVersion(f"{MANIFEST} has schema version {version}, this gameday reads {SCHEMA_VERSION}")
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        raise ManifestDamaged(f"{MANIFEST} is damaged: {_first(error)}") from error


def _first(error: ValidationError) -> str:
    one = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, one['loc'])) or 'content'}: {one['msg']}"


def run_id_of(folder: Path) -> str:
    """The id of the run, from the name of its folder."""
    return run_id_in(folder.resolve().name)


def walk(folder: Path) -> Iterator[str]:
    """The relative paths of all files, links and empty folders in ``folder``, without those in ``LEFT_OUT``.

    The path of an empty folder ends with a slash. Links are not followed. Raises ``OSError`` if a folder
    cannot be listed, because a partial listing would hide files.
    """

    def refuse(error: OSError) -> None:
        raise error

    for place, folders, names in os.walk(folder, onerror=refuse):
        linked = [name for name in folders if (Path(place) / name).is_symlink()]
        if Path(place) == folder:  # a link with the name of a folder in LEFT_OUT is not left out
            folders[:] = [name for name in folders if f"{name}/" not in LEFT_OUT or name in linked]
        elif not folders and not names:
            yield Path(place).relative_to(folder).as_posix() + "/"
        for name in (*names, *linked):
            file = Path(place) / name
            path = file.relative_to(folder).as_posix()
            if path not in LEFT_OUT or file.is_symlink():
                yield path


def entry_of(folder: Path, path: str) -> SealedFile:
    """The size (bytes) and SHA-256 of a file, a link, or a folder whose path ends with a slash.

    A link counts as the text ``link to TARGET``; its target is not read. A folder counts as 0 bytes. Raises
    ``OSError`` if ``path`` is missing, cannot be read, or is anything else.
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
        with open_file(file) as stream:  # not a FIFO that took its place since: opening one has no end
            while block := stream.read(1 << 20):
                digest.update(block)
                size += len(block)
    else:
        raise OSError(f"{path} is neither a file nor a link")
    return SealedFile(path=printable(path), size=size, sha256=digest.hexdigest())


def printable(path: str) -> str:
    """A path that is safe in JSON and on a terminal.

    Undecodable bytes and control characters are escaped. A backslash is doubled, so that two different paths
    never look the same.
    """
    plain = (letter if letter.isprintable() and letter != "\\" else repr(letter)[1:-1] for letter in path)
    return "".join(plain)


def instant(seconds: float) -> str:
    """Seconds since the epoch as UTC, such as ``2026-11-21T17:30:00Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
