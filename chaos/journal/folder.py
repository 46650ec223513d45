"""The files of a run folder, and how a new one is created."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from chaos.errors import EnvironmentProblem
from chaos.model import run_files
from chaos.timing import stamp_of

NEEDED_BYTES = 128 * 1024 * 1024  # a run writes about 5 MB, but the logs of a failing stack may need more


@dataclass(frozen=True)
class RunFolder:
    """The paths in one run's folder, ``<UTC time>-<scenario>-<id>``. A path need not exist."""

    path: Path
    run_id: str

    @property
    def scenario(self) -> Path:
        return self.path / run_files.SCENARIO

    @property
    def plan(self) -> Path:
        return self.path / run_files.PLAN

    @property
    def journal(self) -> Path:
        return self.path / run_files.JOURNAL

    @property
    def load(self) -> Path:
        return self.path / run_files.LOAD

    @property
    def ledger(self) -> Path:
        return self.path / run_files.LEDGER

    @property
    def readback(self) -> Path:
        return self.path / run_files.READBACK

    @property
    def metrics(self) -> Path:
        return self.path / run_files.METRICS

    @property
    def offsite(self) -> Path:
        return self.path / "offsite"

    @property
    def logs(self) -> Path:
        return self.path / "logs"


def create_run_folder(reports: Path, name: str, needed: int = NEEDED_BYTES) -> RunFolder:
    """Create the folder of a run of the scenario ``name`` in ``reports``.

    Raises ``EnvironmentProblem`` if it cannot be written or fewer than ``needed`` bytes are free on the disk.
    """
    run_id = secrets.token_hex(3)
    path = reports / f"{stamp_of(time.time())}-{name}-{run_id}"
    try:
        path.mkdir(parents=True)
        free = shutil.disk_usage(path).free
        probe = path / ".probe"
        with probe.open("wb") as stream:
            stream.write(b"\0" * 4096)
            stream.flush()
            os.fsync(stream.fileno())
        probe.unlink()
    except OSError as error:
        shutil.rmtree(path, ignore_errors=True)
        raise EnvironmentProblem(
            f"cannot write a run folder under {reports}: {error.strerror or error}",
            "free some space there or name another folder with --reports",
        ) from error
    if free < needed:
        shutil.rmtree(path, ignore_errors=True)
        raise EnvironmentProblem(
            f"only {free // 2**20} MB are free under {reports}, a run needs {needed // 2**20} MB",
            "delete old runs there or name another folder with --reports",
        )
    return RunFolder(path, run_id)
