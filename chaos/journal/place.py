"""Detects whether a folder was deleted, moved or replaced during a run.

The evidence is lost then, but writing gives no error: an open file can still be written after its deletion.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from chaos.errors import EnvironmentProblem

REMEDY = "do not change the reports folder during a run; start the run again"


class Place:
    """A folder that is kept open until ``close``, so that no other folder can get its inode number."""

    def __init__(self, path: Path) -> None:
        """Raises ``EnvironmentProblem`` if there is no folder at ``path``."""
        self.path = path
        try:
            self._resolved = path.resolve(strict=True)
            self._handle = os.open(self._resolved, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise _problem(path, error.strerror or str(error)) from error

    def check(self) -> None:
        """Raises ``EnvironmentProblem`` if the folder was deleted, moved, or replaced by anything else.

        A link to the moved folder counts as a replacement.
        """
        mine = os.fstat(self._handle)
        try:
            found = (self._resolved.lstat(), self.path.stat())
        except OSError as error:
            raise _problem(self.path, "it no longer exists") from error
        if any(not os.path.samestat(mine, one) for one in found):
            raise _problem(self.path, "something else replaced it")

    def close(self) -> None:
        """Idempotent."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> Place:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class RunPlace(Place):
    """A run folder and its parent, the reports folder. Both are checked."""

    def __init__(self, path: Path) -> None:
        self._around = Place(path.parent)
        try:
            super().__init__(path)
        except EnvironmentProblem:
            self._around.close()
            raise

    def check(self) -> None:
        self._around.check()
        super().check()

    def close(self) -> None:
        self._around.close()
        super().close()


def _problem(path: Path, why: str) -> EnvironmentProblem:
    return EnvironmentProblem(f"the folder {path} is no longer reliable: {why}", REMEDY)
