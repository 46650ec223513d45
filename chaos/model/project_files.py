"""The files of a stack that are found by their names: its stack.yaml, and what Compose reads by default. So
an image is built from the same files that a run starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from glob import glob
from pathlib import Path

from chaos.files import is_file, is_folder

STACK_FILE = "stack.yaml"
# https://docs.docker.com/compose/intro/compose-application-model/ and compose-go's DefaultFileNames and
# DefaultOverrideFileNames, in the order in which Compose looks for them.
_FILES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_OVERRIDE_FILES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)


def stack_file_of(path: Path) -> Path:
    """The stack.yaml that ``path`` names: that file, or the one in that folder. It may not exist."""
    return path / STACK_FILE if is_folder(path) else path


def stack_files_below(folder: Path) -> Iterator[Path]:
    """Every stack.yaml in ``folder`` and at most two folders below it, the nearest first."""
    for depth in ("", "*/", "*/*/"):
        yield from sorted(folder / name for name in glob(f"{depth}{STACK_FILE}", root_dir=folder))


def compose_file_in(folder: Path) -> Path | None:
    """The compose file that Compose reads in ``folder``; None if it does not exist."""
    return _first(folder / name for name in _FILES)


def override_beside(compose_file: Path) -> Path | None:
    """The override file that Compose merges onto its default file by default; None if it does not exist."""
    if compose_file.name not in _FILES:
        return None
    return _first(compose_file.with_name(name) for name in _OVERRIDE_FILES)


def _first(paths: Iterable[Path]) -> Path | None:
    return next((path for path in paths if is_file(path)), None)
