"""The files that Compose reads by default: found by their names alone, so an image is built from the same
files that a run starts.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

# https://docs.docker.com/compose/intro/compose-application-model/ and compose-go's DefaultFileNames and
# DefaultOverrideFileNames, in the order in which Compose looks for them.
_FILES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_OVERRIDE_FILES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)


def compose_file_in(folder: Path) -> Path | None:
    """The compose file that Compose reads in ``folder``; None if it does not exist."""
    return _first(folder / name for name in _FILES)


def override_beside(compose_file: Path) -> Path | None:
    """The override file that Compose merges onto its default file by default; None if it does not exist."""
    if compose_file.name not in _FILES:
        return None
    return _first(compose_file.with_name(name) for name in _OVERRIDE_FILES)


def _first(paths: Iterable[Path]) -> Path | None:
    return next((path for path in paths if path.is_file()), None)
