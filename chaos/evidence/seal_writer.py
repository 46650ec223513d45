"""Seals a folder: writes its signature and then its manifest, after all other files."""

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
    EarlierSeal,
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
    """Who seals, and when. ``gameday``: its version. ``at``: seconds since the epoch.

    ``signer`` None: the manifest is not signed.
    """

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
    """Seal everything that is in ``folder`` now, except ``LEFT_OUT``. Raises ``EnvironmentProblem``.

    ``replaced``: the earlier manifest, if the folder was intact; the new one records it and takes its
    ``warm_after``. ``warm_after``: ids of the runs before this one on the same warm stack.
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
    """Remove the manifest and the signature, before ``folder`` is changed. Raises ``EnvironmentProblem``."""
    remove_file(folder / SIGNATURE)
    remove_file(folder / MANIFEST)


def reseal(folder: Path, by: Seal, drawn: Iterable[Path]) -> Manifest:
    """Seal an intact folder again after the files ``drawn`` were written again.

    The caller must have verified the folder before. Only ``drawn`` is read. The checksums of other files are
    carried over, so that a change in the meantime is still detected. The seal stays as it is if no drawn file
    changed and the signing key is the same or None.

    Raises ``EnvironmentProblem``, ``ManifestDamaged`` or ``UnknownVersion``.
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


def _record(former: Manifest, content: bytes) -> tuple[EarlierSeal, ...]:
    """The earlier seals of ``former``, then ``former`` itself. ``content``: bytes of its manifest.json."""
    replaced = EarlierSeal(
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
    earlier: tuple[EarlierSeal, ...],
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
    # The manifest comes last: a folder with a manifest was sealed completely.
    write_file(folder / MANIFEST, content, REMEDY, part=HALF_WRITTEN)
    return manifest


def _problem(folder: Path, error: OSError) -> EnvironmentProblem:
    return EnvironmentProblem(f"cannot seal {folder}: {error.strerror or error}", REMEDY)
