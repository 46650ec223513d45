"""Content hashes of folders, so that gameday does not build an image again from the same files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

IGNORED = frozenset({"__pycache__", ".git", ".pytest_cache", ".mypy_cache", ".ruff_cache"})
CONTENT_LABEL = "gameday.content"  # on a built image: the fingerprint of what it was built from


def fingerprint(folders: Iterable[Path], *words: str) -> str:
    """SHA-256 (hex) of the names, executable bits and bytes of every file in ``folders``, and of ``words``.

    The order of the folders matters, their location does not. Folders in ``IGNORED`` and links to folders are
    left out; a link to a file counts with the bytes of that file. Raises OSError for an unreadable file.
    """
    digest = hashlib.sha256()
    for word in words:
        digest.update(f"word {word}\n".encode())
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            relative = path.relative_to(folder)
            if path.is_file() and not IGNORED.intersection(relative.parts):
                content = path.read_bytes()
                executable = bool(path.stat().st_mode & 0o100)
                digest.update(f"file {relative.as_posix()} {executable} {len(content)}\n".encode())
                digest.update(content)
    return digest.hexdigest()
