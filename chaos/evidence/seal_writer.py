"""Write a folder's manifest, and its signature, as the very last files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chaos.errors import EnvironmentProblem
from chaos.evidence.keys import Signer
from chaos.evidence.manifest import (
    COLD_VERSION,
    HALF_WRITTEN,
    LEFT_OUT,
    MANIFEST,
    SCHEMA_VERSION,
    SIGNATURE,
    Earlier,
    Manifest,
    Reason,
    SealedFile,
    entry_of,
    instant,
    read_manifest,
    run_id_of,
    walk,
)
from chaos.files import read_file, remove_file, write_file

REMEDY = "free some space there, then seal it late with gameday report"


@dataclass(frozen=True)
class Seal:
    """Who seals, and when: version of gameday, seconds since the epoch, the key if there is one."""

    gameday: str
    at: float
    signer: Signer | None = None


def seal(
    folder: Path,
    by: Seal,
    reason: Reason,
    replaced: Manifest | None = None,
    warm_after: tuple[str, ...] = (),
) -> Manifest:
    """Sum up everything that lies in ``folder`` now. Raises ``EnvironmentProblem``.

    ``replaced``: the manifest that the folder had while it was intact; the new one keeps it on record.
    ``warm_after``: ids of the runs before this one on the same stack.
    """
    try:
        paths = [path for path in walk(folder) if path not in LEFT_OUT]
        files = sorted((entry_of(folder, path) for path in paths), key=lambda entry: entry.path)
    except OSError as error:
        raise _problem(folder, error) from error
    earlier = () if replaced is None else _record(replaced, replaced.text().encode("utf-8"))
    warm = replaced.warm_after if replaced is not None else warm_after
    return _write(folder, by, reason, files, earlier, warm)


def unseal(folder: Path) -> None:
    """Take the seal away: from now on ``folder`` is being written. Raises ``EnvironmentProblem``."""
    remove_file(folder / SIGNATURE)
    remove_file(folder / MANIFEST)


def reseal(folder: Path, by: Seal, drawn: Iterable[Path]) -> Manifest:
    """Seal an intact folder again after ``drawn`` were written again; the caller has verified it before.

    Only those files are read: the sums of the raw evidence are carried over, so that a change in the
    meantime is still found. If every drawn file is the same byte for byte, the seal stays as it is.
    Raises ``EnvironmentProblem``, ``Damaged``, ``UnknownVersion``.
    """
    try:
        before = read_file(folder / MANIFEST)
        former = read_manifest(before)
        files = {entry.path: entry for entry in former.files}
        for path in drawn:
            entry = entry_of(folder, path.resolve().relative_to(folder.resolve()).as_posix())
            files[entry.path] = entry
    except OSError as error:
        raise _problem(folder, error) from error
    now = tuple(files[path] for path in sorted(files))
    if now == former.files and (by.signer is None or by.signer.public.used() == former.key):
        return former
    return _write(folder, by, Reason.REDRAWN, now, _record(former, before), former.warm_after)


def _record(former: Manifest, content: bytes) -> tuple[Earlier, ...]:
    """``former``, whose manifest.json held ``content``, after those that it has on record itself."""
    replaced = Earlier(
        sealed_at=former.sealed_at,
        reason=former.reason,
        manifest_sha256=hashlib.sha256(content).hexdigest(),
        fingerprint=former.key.fingerprint if former.key else None,
    )
    return (*former.earlier, replaced)


def _write(
    folder: Path,
    by: Seal,
    reason: Reason,
    files: Sequence[SealedFile],
    earlier: tuple[Earlier, ...],
    warm_after: tuple[str, ...],
) -> Manifest:
    manifest = Manifest(
        run=folder.resolve().name,
        run_id=run_id_of(folder),
        gameday=by.gameday,
        sealed_at=instant(by.at),
        reason=reason,
        key=by.signer.public.used() if by.signer else None,
        earlier=earlier,
        schema_version=SCHEMA_VERSION if warm_after else COLD_VERSION,
        warm_after=warm_after,
        files=tuple(files),
    )
    content = manifest.text().encode("utf-8")
    if by.signer is not None:
        write_file(folder / SIGNATURE, by.signer.sign(content), REMEDY, part=HALF_WRITTEN)
    else:
        remove_file(folder / SIGNATURE, REMEDY)
    # Last: a folder with a manifest was sealed to the end.
    write_file(folder / MANIFEST, content, REMEDY, part=HALF_WRITTEN)
    return manifest


def _problem(folder: Path, error: OSError) -> EnvironmentProblem:
    return EnvironmentProblem(f"cannot seal {folder}: {error.strerror or error}", REMEDY)
