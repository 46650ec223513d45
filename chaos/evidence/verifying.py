"""Is a folder still what was sealed? Every later change is a finding of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

from chaos.evidence.manifest import (
    EMPTY_FOLDERS_SINCE,
    HALF_WRITTEN,
    MANIFEST,
    SIGNATURE,
    Damaged,
    Entry,
    Manifest,
    UnknownVersion,
    entry_of,
    printable,
    read_manifest,
    walk,
)
from chaos.evidence.signing import PublicKey, public_key_of
from chaos.files import read_file

JOURNAL = "journal.jsonl"
RUN_FILES = ("plan.json", JOURNAL, "summary.json", "drill.json")  # any of them: gameday wrote here


class State(StrEnum):
    INTACT = "intact"
    CHANGED = "changed"
    UNSEALED = "not sealed"  # no manifest: changes cannot be detected
    UNKNOWN = "unknown"  # a file cannot be read, or a newer gameday sealed it
    NO_RUN = "no run folder"


@dataclass(frozen=True)
class Finding:
    """One difference: ``kind`` is changed, missing, added, name, manifest, signature or unreadable."""

    kind: str
    detail: str
    path: str = ""  # of the file; empty for what is about the folder or the seal as a whole


@dataclass(frozen=True)
class Verification:
    folder: Path
    state: State
    findings: tuple[Finding, ...] = ()
    manifest: Manifest | None = None

    @property
    def intact(self) -> bool:
        return self.state is State.INTACT


def verify(folder: Path, key: PublicKey | None = None) -> Verification:
    """Compare ``folder`` with its manifest; with ``key`` the manifest must also be signed by that key.

    Without ``key`` a signature is held against the key that the manifest itself names: that tells damage,
    not forgery. Reads only; never raises for what lies in the folder.
    """
    try:
        content = read_file(folder / MANIFEST)
    except FileNotFoundError:
        return _without_manifest(folder)
    except OSError as error:
        if not folder.is_dir():
            return Verification(folder, State.NO_RUN)
        return _unknown(folder, f"{MANIFEST}: {error.strerror or error}")
    try:
        manifest = read_manifest(content)
    except UnknownVersion as error:
        return _unknown(folder, str(error))
    except Damaged as error:
        return Verification(folder, State.CHANGED, (Finding("manifest", str(error)),))
    findings = (
        *_identity(folder, manifest),
        *_signature(folder, manifest, content, key),
        *_files(folder, manifest),
    )
    kinds = {finding.kind for finding in findings}
    state = State.UNKNOWN if kinds == {"unreadable"} else State.CHANGED if kinds else State.INTACT
    return Verification(folder, state, findings, manifest)


def _without_manifest(folder: Path) -> Verification:
    if not folder.is_dir():
        return Verification(folder, State.NO_RUN)
    if (folder / SIGNATURE).exists():
        lone = Finding("manifest", f"{MANIFEST} is gone, its signature {SIGNATURE} is still there")
        return Verification(folder, State.CHANGED, (lone,))
    ours = any((folder / name).exists() for name in RUN_FILES)
    return Verification(folder, State.UNSEALED if ours else State.NO_RUN)


def _unknown(folder: Path, detail: str) -> Verification:
    return Verification(folder, State.UNKNOWN, (Finding("unreadable", detail),))


def _identity(folder: Path, manifest: Manifest) -> Iterator[Finding]:
    """A folder under the name of another run is the evidence of that other run."""
    name = folder.resolve().name
    if manifest.run != name:
        yield Finding("name", f"sealed as {printable(manifest.run)}, found as {printable(name)}")
    if manifest.run_id != manifest.run.rsplit("-", 1)[-1]:
        yield Finding("name", f"run id {printable(manifest.run_id)} is not that of {printable(manifest.run)}")
    started = _started(folder)
    if started is not None and started != manifest.run_id:
        yield Finding(
            "name", f"the journal is of run {printable(started)}, the seal of {printable(manifest.run_id)}"
        )
    for name in (MANIFEST, SIGNATURE):
        if (folder / name).is_symlink():
            yield Finding("manifest", f"{name} is a link, not a file of this folder")


class _FirstLine(BaseModel):
    event: Literal["run_started"]
    run_id: str


def _started(folder: Path) -> str | None:
    """The run id in the first line of the journal; None without such a line, which the sums are about."""
    try:
        return _FirstLine.model_validate_json(read_file(folder / JOURNAL).partition(b"\n")[0]).run_id
    except (OSError, ValidationError):
        return None


def _signature(folder: Path, manifest: Manifest, content: bytes, key: PublicKey | None) -> Iterator[Finding]:
    named = manifest.key
    if named is None:
        if key is not None:
            yield Finding("signature", f"not signed, expected a signature by {key.fingerprint}")
        elif (folder / SIGNATURE).exists():
            yield Finding(
                "signature", f"{SIGNATURE} is there, and {MANIFEST} names no key: it is another one's"
            )
        return
    own = public_key_of(named)
    if own is None:
        yield Finding("signature", f"{MANIFEST} names a public key that does not fit its fingerprint")
        return
    if key is not None and key.fingerprint != own.fingerprint:
        yield Finding("signature", f"signed by {own.fingerprint}, expected {key.fingerprint}")
        return
    try:
        signature = read_file(folder / SIGNATURE)
    except OSError as error:
        yield Finding("signature", f"{SIGNATURE}: {error.strerror or error}")
        return
    if not own.signed(signature, content):
        yield Finding("signature", f"{SIGNATURE} is not a signature by {own.fingerprint} over {MANIFEST}")


def _files(folder: Path, manifest: Manifest) -> Iterator[Finding]:
    sealed = {entry.path: entry for entry in manifest.files}
    try:
        present = {printable(path): path for path in walk(folder)}
    except OSError as error:
        yield Finding("unreadable", f"{printable(str(error.filename))}: {error.strerror or error}")
        return
    if manifest.schema_version < EMPTY_FOLDERS_SINCE:
        present = {name: path for name, path in present.items() if not path.endswith("/")}
    if (folder / HALF_WRITTEN).exists():
        yield Finding("added", f"{HALF_WRITTEN}, left by a sealing that was cut off or put there: remove it")
    for name in sorted({*sealed, *present}):
        if name not in present:
            yield Finding("missing", name, name)
        elif name not in sealed:
            emptied = name.endswith("/") and any(path.startswith(name) for path in sealed)
            if not emptied:  # what is missing from it is a finding of its own
                yield Finding("added", name, name)
        else:
            yield from _one(folder, present[name], sealed[name])


def _one(folder: Path, path: str, sealed: Entry) -> Iterator[Finding]:
    try:
        now = entry_of(folder, path)
    except OSError as error:
        yield Finding("unreadable", f"{sealed.path}: {error.strerror or error}")
        return
    if now != sealed:
        size = "" if now.size == sealed.size else f"{sealed.size} bytes when sealed, {now.size} now; "
        yield Finding(
            "changed",
            f"{sealed.path}: {size}sha256 {sealed.sha256[:12]}... is now {now.sha256[:12]}...",
            sealed.path,
        )
