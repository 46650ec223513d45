"""Recordings that were edited by hand so that a careless judge passes them, and what each must be judged."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from pathlib import Path

from chaos.model.verdict import Outcome

HERE = Path(__file__).parent
CASES = HERE / "recordings.tsv"


def cases(path: Path = CASES) -> Mapping[str, frozenset[Outcome]]:
    """Name -> the outcomes that are right, of every case that the judge gets right today.

    A file has a line for each case: its name, a tab, and the outcomes with ``|`` between them.
    """
    lines = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    return {name: frozenset(Outcome(one) for one in right.split("|")) for name, right in lines}


def unpack(into: Path) -> Path:
    """Every case of the archive as a run folder below ``into``, also those without a line in the table."""
    with tarfile.open(HERE / "recordings.tar.xz") as archive:
        archive.extractall(into, filter="data")
    return into
