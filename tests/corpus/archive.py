"""Stored run folders, one archive a run: packed without what nothing is judged from, unpacked and loaded."""

from __future__ import annotations

import io
import tarfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from chaos.journal import load_recording
from chaos.timeline.recording import Recording

HERE = Path(__file__).parent
RUNS = HERE / "runs"
SUFFIX = ".tar.xz"
# All that a verdict is made from. Logs, reports, the seal and off-site data are left out.
JUDGED = (
    "scenario.yaml",
    "plan.json",
    "journal.jsonl",
    "load.jsonl",
    "ledger.jsonl",
    "readback.json",
    "metrics.json",
)


def names(folder: Path = RUNS) -> tuple[str, ...]:
    """The names of all runs that are kept, in alphabetical order."""
    return tuple(sorted(path.name.removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}")))


def unpack(name: str, into: Path, runs: Path = RUNS) -> Path:
    """The run folder of one archive in ``runs``, written below ``into``."""
    with tarfile.open(runs / f"{name}{SUFFIX}") as archive:
        archive.extractall(into, filter="data")
    return into / name


@cache
def recording(name: str, runs: Path = RUNS) -> Recording:
    """One kept run as a recording. Recordings are frozen, so tests may share them."""
    with TemporaryDirectory() as folder:
        return load_recording(unpack(name, Path(folder), runs))


def pack(name: str, folder: Path, checkout: Path, into: Path = RUNS) -> Path:
    """Write the archive of a run folder. The same folder always gives the same bytes.

    Paths of the machine that made the run are cut down to paths inside ``checkout`` and to ``reports/``.
    """
    prefixes = ((str(folder.resolve().parent), "reports"), (f"{checkout.resolve()}/", ""))
    into.mkdir(exist_ok=True)
    target = into / f"{name}{SUFFIX}"
    with tarfile.open(target, "w:xz", preset=9) as archive:
        for part in JUDGED:
            if (folder / part).exists():
                text = (folder / part).read_bytes()
                for found, instead in prefixes:
                    text = text.replace(found.encode(), instead.encode())
                entry = tarfile.TarInfo(f"{name}/{part}")
                entry.size = len(text)
                archive.addfile(entry, io.BytesIO(text))
    return target
