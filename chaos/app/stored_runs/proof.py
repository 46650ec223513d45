"""Is what was written really on the disk, and what does it say? Only this makes an exit code 0."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from chaos.errors import RecordingProblem
from chaos.evidence import MANIFEST, Manifest, verify
from chaos.files import read_file
from chaos.model.run_files import JOURNAL, PLAN, SCENARIO, VERDICT
from chaos.model.verdict import Verdict

RAW = (SCENARIO, PLAN, JOURNAL)  # every run writes these before it can be judged

V = TypeVar("V", bound=BaseModel)


@dataclass(frozen=True)
class Proof:
    """A folder as it was when it was sealed. ``files``: names of files that the seal must cover."""

    folder: Path
    manifest_sha256: str
    files: tuple[str, ...]

    def check(self) -> None:
        """Raises ``RecordingProblem`` unless the folder still holds, byte for byte, what was sealed."""
        name = self.folder.name
        try:
            now = hashlib.sha256(read_file(self.folder / MANIFEST)).hexdigest()
        except OSError as error:
            message = f"{name} was changed after gameday wrote it: {MANIFEST}: {error.strerror}"
            raise RecordingProblem(message) from error
        found = verify(self.folder)
        if now != self.manifest_sha256 or found.manifest is None or not found.intact:
            details = [f"{finding.kind}: {finding.detail}" for finding in found.findings]
            why = "; ".join(details) or f"{MANIFEST} was replaced"
            raise RecordingProblem(f"{name} was changed after gameday wrote it: {why}")
        sealed = {entry.path: entry.size for entry in found.manifest.files}
        if missing := [file for file in self.files if not sealed.get(file)]:
            raise RecordingProblem(f"{name} does not contain {', '.join(missing)}")

    def verdict(self) -> Verdict:
        """The verdict that the folder holds, read again from the disk. Raises ``RecordingProblem``."""
        return self.read(VERDICT, Verdict)

    def read(self, name: str, kind: type[V]) -> V:
        """One JSON file of the folder, read again after ``check``. Raises ``RecordingProblem``."""
        self.check()
        try:
            return kind.model_validate_json(read_file(self.folder / name))
        except (OSError, ValidationError) as error:
            raise RecordingProblem(f"{name} in {self.folder.name} cannot be read again: {error}") from error


def proof_of(folder: Path, manifest: Manifest, files: Sequence[str | Path]) -> Proof:
    """The proof that ``folder`` still holds all of ``manifest``, including ``files``."""
    digest = hashlib.sha256(manifest.text().encode("utf-8")).hexdigest()
    names = tuple(dict.fromkeys(Path(file).name for file in files))
    return Proof(folder, digest, names)
