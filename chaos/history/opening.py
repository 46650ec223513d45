"""The history's file: made whole or not at all, looked over at every opening, set aside when it is damaged.

A plain rollback journal, no WAL: the history is then one file, which a CI cache keeps and a person copies.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from chaos.errors import EnvironmentProblem
from chaos.history.schema import APPLICATION_ID, VERSION, migrate, missing_tables, version_of
from chaos.history.store import History

FILE_NAME = "history.sqlite"
BUSY_SECONDS = 20.0  # how long one gameday waits for another; looking it over and writing take milliseconds
_LOOK_AGAIN = 0.02
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class HistoryDamaged(EnvironmentProblem):
    """The file was damaged and has been set aside; there is none in its place now."""


def open_history(path: Path, utc: Callable[[], float] = time.time) -> History:
    """The history at ``path``, made if there is none. Close it, or use it in a ``with``.

    Raises ``HistoryDamaged`` once a damaged file was set aside (the next opening makes a new one), and
    ``EnvironmentProblem`` for a file of a newer gameday, a file that is no history, and whatever cannot be
    read or written.
    """
    with translated(path), _alone(path):
        if not path.exists():
            _make(path)
        return History(_opened(path, utc))


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """SQLite's and the system's errors as the harness's own."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise EnvironmentProblem(
            f"the history {path} cannot be used: {error}",
            "see whether its folder can be written and has space; gameday history --rebuild rebuilds it",
        ) from error


def connect(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode: every transaction is written out."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Only one process at a time looks over, makes, migrates or sets aside the file; writing needs no
    lock. ``BlockingIOError`` when another one is still at it after ``BUSY_SECONDS``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    patient = Retrying(
        retry=retry_if_exception_type(BlockingIOError),
        stop=stop_after_delay(BUSY_SECONDS),
        wait=wait_fixed(_LOOK_AGAIN),
        reraise=True,
    )
    with (path.parent / f".{path.name}.lock").open("ab") as lock:
        patient(fcntl.flock, lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def _make(path: Path) -> None:
    """A whole history appears under its name in one step: an empty file is damage, never a beginning."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(3)}")
    try:
        with closing(connect(scratch)) as connection:
            migrate(connection)
        scratch.rename(path)
    finally:
        with suppress(FileNotFoundError):
            scratch.unlink()


def _opened(path: Path, utc: Callable[[], float]) -> sqlite3.Connection:
    connection = connect(path)
    try:
        _look_over(connection, path)
    except _Damage as damage:
        connection.close()
        raise _set_aside(path, str(damage), utc()) from damage
    except sqlite3.DatabaseError as error:
        connection.close()
        if getattr(error, "sqlite_errorcode", None) not in _DAMAGE:
            raise
        raise _set_aside(path, str(error), utc()) from error
    except BaseException:
        connection.close()
        raise
    return connection


class _Damage(Exception):
    """What a look over the file found wrong."""


def _look_over(connection: sqlite3.Connection, path: Path) -> None:
    """Every page and index, then whose file it is and of which version; an older one is migrated."""
    if path.stat().st_size == 0:
        raise _Damage("the file is empty")
    findings = [str(text) for (text,) in connection.execute("PRAGMA integrity_check(3)")]
    if findings != ["ok"]:
        raise _Damage("; ".join(findings))
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    version = version_of(connection)
    if application != APPLICATION_ID:
        raise EnvironmentProblem(
            f"{path} is a SQLite file, but no history of gameday",
            "move it, or name another folder with --reports",
        )
    if version > VERSION:
        raise EnvironmentProblem(
            f"{path} has schema version {version}, this gameday knows versions up to {VERSION}",
            "use the newer gameday that wrote it, or name another folder with --reports",
        )
    if version < VERSION:
        migrate(connection)
    missing = missing_tables(connection)
    if missing:
        raise _Damage(f"tables are missing: {', '.join(missing)}")
    if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        raise _Damage("rows belong to a run that is not there")


def _set_aside(path: Path, damage: str, now: float) -> HistoryDamaged:
    """Rename it, with its journal; nothing of it is changed, nothing is written over."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    while aside.exists():
        aside = aside.with_name(f"{path.name}.damaged-{stamp}-{secrets.token_hex(2)}")
    path.rename(aside)
    journal = path.with_name(f"{path.name}-journal")
    with suppress(FileNotFoundError):
        journal.rename(aside.with_name(f"{aside.name}-journal"))
    return HistoryDamaged(
        f"the history {path} is damaged ({damage}); it was set aside as {aside.name}",
        "gameday history --rebuild rebuilds it from the run folders",
    )
