"""Reads once what all scenarios of a stack share."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chaos.errors import BadInput
from chaos.model.procedure import Procedure
from chaos.model.rules import DetectionFacts
from chaos.scenario.detection import read_detection
from chaos.scenario.procedures import read_procedures
from chaos.scenario.stack_places import shown
from chaos.scenario.stackfile import LoadedStack, load_stack

_GIT_SECONDS = 5.0


@dataclass(frozen=True)
class StackFiles:
    """A stack with its rules and its procedures.

    ``detection`` is None for a stack without Prometheus. ``procedures``: all of its folder, by name.
    """

    loaded: LoadedStack
    detection: DetectionFacts | None
    procedures: Mapping[str, Procedure]


class StackReader:
    """Reads each stack once. Use one reader per command: it does not notice later changes of the files.

    ``instead``: use this stack.yaml for every scenario, whatever stack the scenario names.
    """

    def __init__(self, instead: Path | None = None) -> None:
        self.instead = instead
        self._read: dict[Path, StackFiles | BadInput] = {}
        self._commits: dict[Path, str | None] = {}

    def read(self, path: Path) -> StackFiles:
        """The stack whose stack.yaml is at ``path``. Raises ``BadInput`` with every problem of its files."""
        place = path.resolve()
        if place not in self._read:
            try:
                self._read[place] = _files_of(path)
            except BadInput as bad:
                self._read[place] = bad
        found = self._read[place]
        if isinstance(found, BadInput):
            raise BadInput(found.problems)
        return found

    def git_commit(self, folder: Path) -> str | None:
        """The commit that is checked out around ``folder``; None outside a repository or without git."""
        if folder not in self._commits:
            self._commits[folder] = git_commit(folder)
        return self._commits[folder]


def _files_of(path: Path) -> StackFiles:
    loaded = load_stack(path, shown(path))
    folder = str(Path(loaded.file).parent)
    detection = read_detection(loaded.stack, loaded.root, folder)
    procedures = read_procedures(loaded.stack, loaded.root, folder, loaded.project.services)
    return StackFiles(loaded, detection, procedures)


def git_commit(folder: Path) -> str | None:
    """The commit that is checked out around ``folder``; None outside a repository or without git."""
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            timeout=_GIT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip() or None
