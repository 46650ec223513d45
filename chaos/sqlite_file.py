"""A SQLite file that gameday keeps across runs.

It is created completely or not at all, and checked at every opening. A damaged file is renamed. It uses a
rollback journal instead of WAL, so that it is one file that a CI cache can keep and a person can copy.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from pydantic import ValidationError
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from chaos.errors import EnvironmentProblem, ExitCode
from chaos.files import append_file
from chaos.timing import stamp_of

BUSY_SECONDS = (
    20.0  # how long one gameday waits for another; a check of the file and a write take milliseconds
)
_LOOK_AGAIN = 0.02
_ELSEWHERE = "name another folder with --reports"
_MAY_WRITE = "check that its folder is writable and has space"
_REFUSED = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class FileDamaged(EnvironmentProblem):
    """The file was damaged and has been moved aside; no file has replaced it yet."""

    exit_code = ExitCode.INCONCLUSIVE


class RowDamaged(EnvironmentProblem):
    """The file is intact, but a row has a value that gameday does not write."""

    exit_code = ExitCode.INCONCLUSIVE


class NotAFile(EnvironmentProblem):
    """The path names something else: a folder, a link, or a file of another program or of a newer gameday."""

    exit_code = ExitCode.BAD_INPUT


Step = Callable[[sqlite3.Connection], None]


@dataclass(frozen=True)
class Schema:
    """The schema of one kind of SQLite file.

    ``migrations``: one function per version, applied in one transaction. Never change a step that a release
    may have applied; add a new one. ``application_id`` distinguishes the file from other SQLite files.
    ``remedy``: what the user can do about a damaged file. ``damaged``: what ``open_file`` raises for it.
    """

    name: str  # as messages call it: "history"
    application_id: int
    migrations: Sequence[Step]
    tables: frozenset[str]
    remedy: str
    damaged: type[FileDamaged] = FileDamaged

    @property
    def version(self) -> int:
        return len(self.migrations)


def open_file(path: Path, schema: Schema, utc: Callable[[], float] = time.time) -> sqlite3.Connection:
    """A connection in autocommit mode to the file at ``path``. A missing file is created, with its folder; an
    older version is migrated. ``utc``: seconds since the epoch, for the name of a damaged file.

    Raises ``NotAFile`` for a folder, a device, a link (gameday would write to its target), a file of a newer
    gameday, and another kind of SQLite file. Raises ``schema.damaged`` after it has renamed a damaged file;
    the next call creates a new one. Raises ``EnvironmentProblem`` for anything that cannot be read, written
    or locked within ``BUSY_SECONDS``.
    """
    with _translated(path, schema):
        if path.is_symlink() or (path.exists() and not path.is_file()):
            what = "a link" if path.is_symlink() else "a folder" if path.is_dir() else "no regular file"
            raise NotAFile(
                f"{path}: expected the file of the {schema.name}, and this is {what}",
                f"move it, or {_ELSEWHERE}",
            )
    with _translated(path, schema), _alone(path):
        if not path.exists():
            _make(path, schema)
        return _opened(path, schema, utc)


class SqliteStore:
    """Rows of one open file. Close it, or use it in a ``with``."""

    name: ClassVar[str]  # as messages call it: "history"
    remedy: ClassVar[str]  # what to do about a row that cannot be read

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _using(self) -> Iterator[sqlite3.Connection]:
        """For reading. Raises ``EnvironmentProblem`` for an error of SQLite, ``RowDamaged`` for a row with a
        wrong value.
        """
        try:
            yield self._connection
        except sqlite3.Error as error:
            remedy = _remedy(error, self.remedy)
            raise EnvironmentProblem(f"the {self.name} cannot be used: {error}", remedy) from error
        except ValidationError as error:
            first = error.errors()[0]
            what = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
            raise self._unreadable(what) from error
        except ValueError as error:
            raise self._unreadable(str(error)) from error

    def _unreadable(self, what: str) -> RowDamaged:
        return RowDamaged(f"the {self.name} holds a row that cannot be read: {what}", self.remedy)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """For writing, in one transaction. Raises like ``_using``, and then nothing was written."""
        with self._using() as connection, transaction(connection):
            yield connection


def version_of(connection: sqlite3.Connection) -> int:
    """The schema version of the file; 0 for a file without tables."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def migrate(connection: sqlite3.Connection, schema: Schema) -> None:
    """Migrate the file to the newest version, all steps in one transaction.

    The connection must be in autocommit mode. Raises ``sqlite3.Error``; the file then has its old version.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number, step in enumerate(schema.migrations, start=1):
            if number > version_of(connection):
                step(connection)
                connection.execute(f"PRAGMA user_version = {number:d}")  # a pragma takes no parameter
        connection.execute(f"PRAGMA application_id = {schema.application_id:d}")
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise


def _roll_back(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:  # SQLite itself has ended it if the disk is full
        connection.execute("ROLLBACK")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """One transaction; an exception inside rolls it back. It first waits for the write of another process."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        _roll_back(connection)
        raise


def row_dicts(cursor: sqlite3.Cursor) -> Iterator[Mapping[str, object]]:
    """The rows of a query as column name -> value, for a model to validate."""
    names = [column[0] for column in cursor.description]
    for values in cursor:
        yield dict(zip(names, values, strict=True))


@contextmanager
def _translated(path: Path, schema: Schema) -> Iterator[None]:
    """Turns errors of SQLite and of the system into ``EnvironmentProblem``."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise EnvironmentProblem(
            f"the {schema.name} {path} cannot be used: {_why(error)}", f"{_MAY_WRITE}; {schema.remedy}"
        ) from error


def _why(error: sqlite3.Error | OSError) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror if error.filename is None else f"{error.filename}: {error.strerror}"
    return str(error)


def _remedy(error: sqlite3.Error, otherwise: str) -> str:
    """What to do: a file that cannot be written, or a disk that is full, is not damaged."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code
    return _MAY_WRITE if code in _REFUSED else otherwise


def _connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode: every transaction is written out."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """The lock under which a process checks, creates, migrates or renames the file; writing needs no lock.

    Raises ``BlockingIOError`` if another process still holds it after ``BUSY_SECONDS``, and ``NotAFile`` if
    the name of the lock is a link, a folder or a device.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.parent / f".{path.name}.lock"
    if beside.is_symlink() or (beside.exists() and not beside.is_file()):
        raise NotAFile(f"{beside}: expected a lock file, and this is not a regular file", "remove it")
    patient = Retrying(
        retry=retry_if_exception_type(BlockingIOError),
        stop=stop_after_delay(BUSY_SECONDS),
        wait=wait_fixed(_LOOK_AGAIN),
        reraise=True,
    )
    with append_file(beside) as lock:
        patient(fcntl.flock, lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def _make(path: Path, schema: Schema) -> None:
    """Create the file under another name and rename it, so that an empty file is always a damaged one."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(3)}")
    try:
        with closing(_connect(scratch)) as connection:
            migrate(connection, schema)
        scratch.rename(path)
    finally:
        with suppress(FileNotFoundError):
            scratch.unlink()


def _opened(path: Path, schema: Schema, utc: Callable[[], float]) -> sqlite3.Connection:
    connection = _connect(path)
    try:
        _check(connection, path, schema)
    except BaseException as error:
        connection.close()
        damage = _damage_in(error)
        if damage is None:
            raise
        raise _set_aside(path, schema, damage, utc()) from error
    return connection


def _damage_in(error: BaseException) -> str | None:
    """How an error of the check says that the file is damaged; None if it says something else."""
    if isinstance(error, UnicodeDecodeError):  # what SQLite says of a damaged name is not UTF-8
        return bytes(error.object).decode("utf-8", "replace")
    found = isinstance(error, _Damage) or getattr(error, "sqlite_errorcode", None) in _DAMAGE
    return str(error) if found else None


class _Damage(Exception):
    """The check found the file damaged. The message says how."""


def _check(connection: sqlite3.Connection, path: Path, schema: Schema) -> None:
    """Checks every page and index, then the file's kind and version; migrates an older version."""
    if path.stat().st_size == 0:
        raise _Damage("the file is empty")
    findings = [str(text) for (text,) in connection.execute("PRAGMA integrity_check(3)")]
    if findings != ["ok"]:
        raise _Damage("; ".join(findings))
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    version = version_of(connection)
    if application != schema.application_id:
        raise NotAFile(
            f"{path} is a SQLite file, but not the {schema.name} of gameday", f"move it, or {_ELSEWHERE}"
        )
    if version > schema.version:
        raise NotAFile(
            f"{path} has schema version {version}, this gameday knows versions up to {schema.version}",
            f"use the newer gameday that wrote it, or {_ELSEWHERE}",
        )
    if version < schema.version:
        migrate(connection, schema)
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if missing := sorted(schema.tables - found):
        raise _Damage(f"tables are missing: {', '.join(missing)}")
    if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise _Damage("rows refer to rows that are missing")


def _set_aside(path: Path, schema: Schema, damage: str, now: float) -> FileDamaged:
    """Rename the file and its journal to free names. Their content stays as it is."""
    stamp = stamp_of(now)
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    while aside.exists():
        aside = aside.with_name(f"{path.name}.damaged-{stamp}-{secrets.token_hex(2)}")
    path.rename(aside)
    journal = path.with_name(f"{path.name}-journal")
    with suppress(FileNotFoundError):
        journal.rename(aside.with_name(f"{aside.name}-journal"))
    return schema.damaged(
        f"the {schema.name} {path} is damaged ({damage}); it was set aside as {aside.name}", schema.remedy
    )
