"""Is a folder still what was sealed? Every later change is a finding of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from chaos.evidence.manifest import (
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

RUN_FILES = ("plan.json", "journal.jsonl", "summary.json", "drill.json")  # any of them: gameday wrote here


class State(StrEnum):
    INTACT = "intact"
    CHANGED = "changed"
    UNSEALED = "not sealed"  # no manifest: changes cannot be detected
    UNKNOWN = "unknown"  # a file cannot be read, or a newer gameday sealed it
    NO_RUN = "no run folder"


@dataclass(frozen=True)
class Finding:
    """One difference: ``kind`` is changed, missing, added, manifest, signature or unreadable."""

    kind: str
    detail: str


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
        content = (folder / MANIFEST).read_bytes()
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
    findings = (*_signature(folder, manifest, content, key), *_files(folder, manifest))
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
        signature = (folder / SIGNATURE).read_bytes()
    except OSError as error:
        yield Finding("signature", f"{SIGNATURE}: {error.strerror or error}")
        return
    if not own.signed(signature, content):
        yield Finding("signature", f"{SIGNATURE} is no signature of {own.fingerprint} over {MANIFEST}")


def _files(folder: Path, manifest: Manifest) -> Iterator[Finding]:
    sealed = {entry.path: entry for entry in manifest.files}
    try:
        present = {printable(path): path for path in walk(folder)}
    except OSError as error:
        yield Finding("unreadable", f"{printable(str(error.filename))}: {error.strerror or error}")
        return
    for name in sorted({*sealed, *present}):
        if name not in present:
            yield Finding("missing", name)
        elif name not in sealed:
            yield Finding("added", name)
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
            "changed", f"{sealed.path}: {size}sha256 {sealed.sha256[:12]}... is now {now.sha256[:12]}..."
        )
