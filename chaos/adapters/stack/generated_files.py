"""Writes the files under ``generated/`` of a run folder."""

from __future__ import annotations

from pathlib import Path

from chaos.files import make_folder, write_file


def write(path: Path, text: str) -> None:
    """Writes a file that the users inside containers can read, whatever the umask is."""
    make_folder(path.parent)
    write_file(path, text, mode=0o644)
