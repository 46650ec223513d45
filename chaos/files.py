"""Files that are written whole or not at all.

A file that is half written, because the disk filled up or the machine went down, must not look like a result.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from chaos.errors import EnvironmentProblem

REMEDY = "free some space under the reports folder, and see that it can be written"


def write_file(path: Path, content: str | bytes, remedy: str = REMEDY, part: str = "") -> Path:
    """Write ``content`` beside ``path``, flush it to the disk and rename it. Text is written as UTF-8.

    ``part``: the name that it has until then, if the caller must know it; a file of that name is replaced.

    A symbolic link at ``path`` is replaced, never followed. The folder must exist: a folder that is gone was
    removed from outside, and making it again would hide that.
    Raises ``EnvironmentProblem`` with ``remedy``; what was at ``path`` before is then still there.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    beside = path.with_name(part or f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        try:
            if part:
                beside.unlink(missing_ok=True)
            _write(beside, data)
            os.replace(beside, path)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        _flush_folder(path.parent)
    except OSError as error:
        message = f"{path.name} cannot be written in {path.parent}: {error.strerror or error}"
        raise EnvironmentProblem(message, remedy) from error
    return path


def make_folder(path: Path, remedy: str = REMEDY) -> Path:
    """The folder at ``path``, made with its parents where it is not there. Raises ``EnvironmentProblem``."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"the folder {path} cannot be made: {error.strerror or error}"
        raise EnvironmentProblem(message, remedy) from error
    return path


def _write(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o666), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _flush_folder(folder: Path) -> None:
    """The rename itself is on the disk only after this."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
