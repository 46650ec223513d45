"""Verifies that a folder was not changed since it was sealed. Every change is a finding."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

from chaos.evidence.keys import PublicKey, public_key_of
from chaos.evidence.manifest import (
    EMPTY_FOLDERS_SINCE,
    HALF_WRITTEN,
    MANIFEST,
    SIGNATURE,
    Manifest,
    ManifestDamaged,
    SealedFile,
    UnknownVersion,
    entry_of,
    printable,
    read_manifest,
    walk,
)
from chaos.files import is_folder, read_file
from chaos.model.run_files import JOURNAL, PLAN, run_id_in

DRILL_FILE = "drill.json"
_READ_ANYWAY = 1 << 30  # bytes: up to this size the sum of a file that grew is named too
RUN_FILES = (PLAN, JOURNAL, "summary.json", DRILL_FILE)  # any of them shows a folder of gameday


class SealState(StrEnum):
    """The result of verifying a folder."""

    INTACT = "intact"
    CHANGED = "changed"
    UNSEALED = "not sealed"  # no manifest: changes cannot be detected
    UNKNOWN = "unknown"  # a file cannot be read and no change was found, or a newer gameday sealed it
    NO_RUN = "no run folder"


class SealFault(StrEnum):
    """What is wrong with a sealed folder."""

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"
    NAME = "name"  # the folder, or the run in it, is not the one that was sealed
    MANIFEST = "manifest"
    SIGNATURE = "signature"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class SealFinding:
    """One difference between a folder and its seal."""

    kind: SealFault
    detail: str
    path: str = ""  # of the file; empty if the finding is about the folder, the seal, or an unreadable file


@dataclass(frozen=True)
class Verification:
    """The result for one folder. ``manifest`` None: there is no manifest that this gameday can read."""

    folder: Path
    state: SealState
    findings: tuple[SealFinding, ...] = ()
    manifest: Manifest | None = None

    @property
    def intact(self) -> bool:
        """Is the folder sealed and unchanged?"""
        return self.state is SealState.INTACT


def verify(folder: Path, key: PublicKey | None = None) -> Verification:
    """Compare ``folder`` with its manifest. With ``key``, the manifest must be signed by that key.

    Without ``key``, a signature is checked with the key that the manifest names, which detects damage but no
    forgery. It changes nothing and does not raise for the contents of the folder.
    """
    try:
        content = read_file(folder / MANIFEST)
    except FileNotFoundError:
        return _without_manifest(folder)
    except OSError as error:
        if error.errno != errno.EACCES and not is_folder(folder):
            return Verification(folder, SealState.NO_RUN)
        return _unknown(folder, f"{MANIFEST}: {error.strerror or error}")
    try:
        manifest = read_manifest(content)
    except UnknownVersion as error:
        return _unknown(folder, str(error))
    except ManifestDamaged as error:
        return Verification(folder, SealState.CHANGED, (SealFinding(SealFault.MANIFEST, str(error)),))
    findings = (
        *_identity(folder, manifest),
        *_signature(folder, manifest, content, key),
        *_files(folder, manifest),
    )
    kinds = {finding.kind for finding in findings}
    state = (
        SealState.UNKNOWN
        if kinds == {SealFault.UNREADABLE}
        else SealState.CHANGED
        if kinds
        else SealState.INTACT
    )
    return Verification(folder, state, findings, manifest)


def _without_manifest(folder: Path) -> Verification:
    if not is_folder(folder):
        return Verification(folder, SealState.NO_RUN)
    if _there(folder / SIGNATURE):
        lone = SealFinding(
            SealFault.MANIFEST, f"{MANIFEST} is missing, but its signature {SIGNATURE} is still there"
        )
        return Verification(folder, SealState.CHANGED, (lone,))
    ours = any(_there(folder / name) for name in RUN_FILES)
    return Verification(folder, SealState.UNSEALED if ours else SealState.NO_RUN)


def _there(path: Path) -> bool:
    """Is anything there, whatever it is? A folder that may not be searched is reported by its other files."""
    return os.path.lexists(path)


def _unknown(folder: Path, detail: str) -> Verification:
    return Verification(folder, SealState.UNKNOWN, (SealFinding(SealFault.UNREADABLE, detail),))


def _identity(folder: Path, manifest: Manifest) -> Iterator[SealFinding]:
    """Findings if the folder has another name, or the journal of another run, than when it was sealed."""
    name = folder.resolve().name
    if manifest.run != name:
        yield SealFinding(SealFault.NAME, f"sealed as {printable(manifest.run)}, found as {printable(name)}")
    if manifest.run_id != run_id_in(manifest.run):
        yield SealFinding(
            SealFault.NAME, f"run id {printable(manifest.run_id)} is not that of {printable(manifest.run)}"
        )
    started = started_as(folder)
    if started is not None and started != manifest.run_id:
        yield SealFinding(
            SealFault.NAME,
            f"the journal is of run {printable(started)}, the seal of {printable(manifest.run_id)}",
        )
    for name in (MANIFEST, SIGNATURE):
        if (folder / name).is_symlink():
            yield SealFinding(SealFault.MANIFEST, f"{name} is a link, not a file of this folder")


class _FirstLine(BaseModel):
    event: Literal["run_started"]
    run_id: str


def started_as(folder: Path) -> str | None:
    """The run id in the first line of the journal; None if it has none. Checksums detect a changed line."""
    try:
        return _FirstLine.model_validate_json(read_file(folder / JOURNAL).partition(b"\n")[0]).run_id
    except (OSError, ValidationError):
        return None


def _signature(
    folder: Path, manifest: Manifest, content: bytes, key: PublicKey | None
) -> Iterator[SealFinding]:
    named = manifest.key
    if named is None:
        if key is not None:
            yield SealFinding(SealFault.SIGNATURE, f"not signed, expected a signature by {key.fingerprint}")
        elif _there(folder / SIGNATURE):
            yield SealFinding(
                SealFault.SIGNATURE, f"there is a {SIGNATURE}, but {MANIFEST} names no key for it"
            )
        return
    own = public_key_of(named)
    if own is None:
        yield SealFinding(
            SealFault.SIGNATURE, f"{MANIFEST} names a public key that does not match its fingerprint"
        )
        return
    if key is not None and key.fingerprint != own.fingerprint:
        yield SealFinding(SealFault.SIGNATURE, f"signed by {own.fingerprint}, expected {key.fingerprint}")
        return
    try:
        signature = read_file(folder / SIGNATURE)
    except OSError as error:
        yield SealFinding(SealFault.SIGNATURE, f"{SIGNATURE}: {error.strerror or error}")
        return
    if not own.signed(signature, content):
        yield SealFinding(
            SealFault.SIGNATURE, f"{SIGNATURE} is not a signature by {own.fingerprint} over {MANIFEST}"
        )


def _files(folder: Path, manifest: Manifest) -> Iterator[SealFinding]:
    sealed = {entry.path: entry for entry in manifest.files}
    try:
        present = {printable(path): path for path in walk(folder)}
    except OSError as error:
        yield SealFinding(
            SealFault.UNREADABLE, f"{printable(str(error.filename))}: {error.strerror or error}"
        )
        return
    if manifest.schema_version < EMPTY_FOLDERS_SINCE:
        present = {name: path for name, path in present.items() if not path.endswith("/")}
    if _there(folder / HALF_WRITTEN):
        yield SealFinding(
            SealFault.ADDED, f"{HALF_WRITTEN} was left by an interrupted seal, or added later: remove it"
        )
    for name in sorted({*sealed, *present}):
        if name not in present:
            yield SealFinding(SealFault.MISSING, name, name)
        elif name not in sealed:
            emptied = name.endswith("/") and any(path.startswith(name) for path in sealed)
            if not emptied:  # for an emptied folder, its missing files are the findings
                yield SealFinding(SealFault.ADDED, name, name)
        else:
            yield from _one(folder, present[name], sealed[name])


def _one(folder: Path, path: str, sealed: SealedFile) -> Iterator[SealFinding]:
    try:
        there = (folder / path).lstat()
        if stat.S_ISREG(there.st_mode) and there.st_size > max(sealed.size, _READ_ANYWAY):
            size = f"{sealed.size} bytes when sealed, {there.st_size} now"  # reading a sparse file has no end
            yield SealFinding(SealFault.CHANGED, f"{sealed.path}: {size}", sealed.path)
            return
        now = entry_of(folder, path)
    except OSError as error:
        yield SealFinding(SealFault.UNREADABLE, f"{sealed.path}: {error.strerror or error}")
        return
    if now != sealed:
        size = "" if now.size == sealed.size else f"{sealed.size} bytes when sealed, {now.size} now; "
        yield SealFinding(
            SealFault.CHANGED,
            f"{sealed.path}: {size}sha256 {sealed.sha256[:12]}... is now {now.sha256[:12]}...",
            sealed.path,
        )
