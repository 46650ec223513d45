"""Writes a file completely or not at all, and reads regular files only.

A file that is half written, because the disk filled up or the machine went down, must not look like a result.
A user or another program may have chosen the path: a FIFO would block the reader for ever, a device has no
end, and a name may be longer than the file system allows.
"""

from __future__ import annotations

import errno
import fnmatch
import os
import secrets
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from chaos.errors import BadInput, EnvironmentProblem, Problem

LARGEST = 1 << 29  # bytes that are read at once; the large files of a run are read in pieces
MAY_READ = "check that this user may read it, and the folders above it"
REMEDY = "free some space under the reports folder, and check that gameday can write to it"


def write_file(
    path: Path, content: str | bytes, remedy: str = REMEDY, part: str = "", mode: int | None = None
) -> Path:
    """Write ``content`` to a file beside ``path``, flush it to the disk and rename it to ``path``.

    Text is written as UTF-8. ``part``: the name before the rename, if the caller must know it; a file of that
    name is replaced. ``mode``: the permissions, whatever the umask is; by default the umask decides.

    A symbolic link at ``path`` is replaced, not followed. The folder must exist: if something else removed
    it, making it again would hide that.

    Raises ``EnvironmentProblem`` with ``remedy``, also if ``path`` is a device. The old file is then still
    there, unless only the last step, flushing the folder, failed.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    _refuse_device(path, remedy)
    beside = path.with_name(part or f".{secrets.token_hex(8)}.part")  # short: path may have the longest name
    try:
        try:
            if part:
                beside.unlink(missing_ok=True)
            _write(beside, data, mode)
            os.replace(beside, path)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        _flush_folder(path.parent)
    except OSError as error:
        message = f"{path.name} cannot be written in {path.parent}: {error.strerror or error}"
        raise EnvironmentProblem(message, remedy) from error
    return path


def write_new_file(path: Path, content: str, remedy: str = REMEDY) -> bool:
    """Write a text to a new file. Returns False, and changes nothing, if ``path`` exists already.

    Raises ``EnvironmentProblem``, and then removes the file again.
    """
    try:
        try:
            _write(path, content.encode("utf-8"), None)
        except FileExistsError:
            return False
        except OSError:
            path.unlink(missing_ok=True)
            raise
        _flush_folder(path.parent)
    except OSError as error:
        message = f"{path.name} cannot be written in {path.parent}: {error.strerror or error}"
        raise EnvironmentProblem(message, remedy) from error
    return True


def write_new_files(texts: Mapping[Path, str], remedy: str = REMEDY) -> Path | None:
    """Write every text to a new file, or none; makes their folders. Returns the first path that exists
    already, None if all were written: half of them would be in the way of the next attempt.

    Raises ``EnvironmentProblem``, and then removes the files again.
    """
    written: list[Path] = []
    existing = None
    try:
        for path, text in texts.items():
            make_folder(path.parent, remedy)
            if not write_new_file(path, text, remedy):
                existing = path
                break
            written.append(path)
        else:
            written.clear()
    finally:
        for path in written:
            path.unlink(missing_ok=True)
    return existing


def remove_file(path: Path, remedy: str = REMEDY) -> None:
    """Remove the file at ``path``, if there is one. Raises ``EnvironmentProblem``."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        message = f"{path.name} cannot be removed from {path.parent}: {error.strerror or error}"
        raise EnvironmentProblem(message, remedy) from error


def _refuse_device(path: Path, remedy: str) -> None:
    if is_device(path):
        raise EnvironmentProblem(f"{path} cannot be written: it is not a regular file", remedy)


def make_folder(path: Path, remedy: str = REMEDY, mode: int | None = None) -> Path:
    """Make the folder at ``path`` with its parents, unless it exists. ``mode``: its permissions, also if it
    existed.

    Raises ``EnvironmentProblem``.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        if mode is not None:
            path.chmod(mode)
    except OSError as error:
        message = f"the folder {path} cannot be made: {error.strerror or error}"
        raise EnvironmentProblem(message, remedy) from error
    return path


def read_file(path: Path, most: int = LARGEST) -> bytes:
    """The bytes of a regular file.

    Raises ``OSError`` with a ``strerror``, also for a FIFO, a device or a folder, for an impossible path, and
    for a file of more than ``most`` bytes: a sparse file may be larger than the memory.
    """
    with open_file(path) as stream:
        if os.fstat(stream.fileno()).st_size > most:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
        return stream.read()


def read_utf8(path: Path, most: int = LARGEST) -> str:
    """The text of a UTF-8 file, in which every line ends with a line feed. Raises like ``read_file``, and
    ``UnicodeDecodeError``.
    """
    return read_file(path, most).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


def read_any_text(path: Path, shown: str | None = None) -> str:
    """The text of a file that gameday did not write. Bytes that are not UTF-8 become U+FFFD.

    Raises ``BadInput`` if it cannot be read. ``shown``: the name of the file in that message.
    """
    try:
        return read_file(path).decode("utf-8", "replace")
    except OSError as error:
        problem = Problem.about(
            shown or str(path), f"cannot be read: {error.strerror}", "expected a text file"
        )
        raise BadInput([problem]) from None


def open_file(path: Path) -> BinaryIO:
    """Open a regular file that may be too large for ``read_file``. Raises like ``read_file``."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except ValueError as error:  # a NUL in the path
        raise OSError(errno.EINVAL, str(error), str(path)) from error
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(handle, "rb")
    os.close(handle)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise OSError(errno.EINVAL, "not a regular file", str(path))


def append_file(path: Path) -> BinaryIO:
    """Open a regular file for appending, without a buffer; creates it if it is missing.

    Raises ``OSError`` with a ``strerror``, also for a symbolic link and anything but a regular file.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    handle = os.open(path, flags, 0o666)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return os.fdopen(handle, "ab", buffering=0)
    os.close(handle)
    raise OSError(errno.EINVAL, "not a regular file", str(path))


def is_device(path: Path) -> bool:
    """Is ``path`` a device, a FIFO, a socket, or a link into /proc such as /dev/stdout?

    Renaming a file to such a path would replace it for every program of the machine.
    """
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            return os.readlink(path).startswith("/proc/")
    except (OSError, ValueError):
        return False  # nothing is there, or the write itself will report the error
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def is_file(path: Path) -> bool:
    """Is ``path`` a regular file? False also for an impossible path, such as one that is too long."""
    return _is(path, stat.S_ISREG)


def is_folder(path: Path) -> bool:
    """Is ``path`` a folder? False also for an impossible path, such as one that is too long."""
    return _is(path, stat.S_ISDIR)


def exists(path: Path) -> bool:
    """Is anything at ``path``? False also for an impossible path and for a link that leads nowhere.

    Raises ``EnvironmentProblem`` if this user may not look: "nothing" would then be a guess.
    """
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENAMETOOLONG):
            return False
        raise EnvironmentProblem(f"{path} cannot be read: {error.strerror or error}", MAY_READ) from error
    return True


def files_in(folder: Path, pattern: str = "*") -> list[Path]:
    """The sorted paths in ``folder`` whose names match ``pattern``; none if there is no such folder.

    Raises ``BadInput`` if this user may not list the folder; ``Path.glob`` would find nothing then.
    """
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise BadInput([Problem.about(str(folder), f"cannot be listed: {why}", MAY_READ)]) from None
    return sorted(folder / name for name in names if fnmatch.fnmatchcase(name, pattern))


def _is(path: Path, kind: Callable[[int], bool]) -> bool:
    try:
        return kind(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def _write(path: Path, data: bytes, mode: int | None) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o666), "wb") as stream:
        if mode is not None:
            os.fchmod(stream.fileno(), mode)
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _flush_folder(folder: Path) -> None:
    """Flush the folder: only then is a rename or a new name in it on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
