"""Specimens whose every stored byte is in order: what is wrong was wrong in the database that was backed up.

Each is made by restoring the newest backup, harming the copy, and taking a backup of that into the same
copied repository. Only a restore can tell them from a healthy one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from examiner.expectations import expected
from examiner.model import CouldNotTellError
from examiner.repository import tool_env
from examiner.restored import Copy, ask, make_copy, restore, started
from examiner.tools import must

SCRATCH = Path("/scratch/spoil")
PAGE_TAIL = slice(8152, 8192)  # of the first page: within its newest row, and covered by the page's checksum


def _stated(name: str, offsite: Path) -> None:
    copy = _restored(offsite)
    env = tool_env(offsite / "pgbackrest") | {"PGBACKREST_PG1_PATH": str(copy.data)}
    push = ("archive_mode=on", "archive_command='pgbackrest archive-push %p'")
    with started(copy, *push, env=env) as up:
        if not up.ok:
            raise CouldNotTellError(f"the copy does not start: {up.last_line()}")
        for statement in expected().harm[name]:
            _must_ask(copy, statement)
        _back_up(copy, offsite)


def _wrong_major(offsite: Path) -> None:
    """Data that belong to another major version."""
    copy = _restored(offsite)
    _replay(copy, offsite)
    version = copy.data / "PG_VERSION"
    version.write_text(f"{int(version.read_text()) - 1}\n")
    _back_up(copy, offsite, "--no-online")


def _bad_page(offsite: Path, *, noticed: bool) -> None:
    """A page that storage changed under the database; ``noticed`` by the backup, if it looks at checksums."""
    copy = _restored(offsite)
    file = copy.data / _replay(copy, offsite)
    content = bytearray(file.read_bytes())
    content[PAGE_TAIL] = bytes(byte ^ 0xFF for byte in content[PAGE_TAIL])
    file.write_bytes(content)
    _back_up(copy, offsite, "--no-online", "--checksum-page" if noticed else "--no-checksum-page")


def _restored(offsite: Path) -> Copy:
    copy = make_copy(SCRATCH)
    done = restore(copy, offsite / "pgbackrest")
    if not done.ok:
        raise CouldNotTellError(f"take a backup first, a whole one: {done.last_line()}")
    return copy


def _replay(copy: Copy, offsite: Path) -> str:
    """All WAL is replayed, the server down again; gives the file of the table to be harmed."""
    with started(copy, env=tool_env(offsite / "pgbackrest")) as up:
        if not up.ok:
            raise CouldNotTellError(f"the copy does not start: {up.last_line()}")
        return _must_ask(copy, f"SELECT pg_relation_filepath('{expected().damaged_table}')")


def _must_ask(copy: Copy, statement: str) -> str:
    done = ask(copy, statement)
    if not done.ok:
        raise CouldNotTellError(f"the copy can't be harmed: {done.last_line()}")
    return done.out.strip()


def _back_up(copy: Copy, offsite: Path, *options: str) -> None:
    env = tool_env(offsite / "pgbackrest") | {
        "PGBACKREST_PG1_PATH": str(copy.data),
        "PGBACKREST_PG1_SOCKET_PATH": str(copy.sockets),
        "PGBACKREST_PG1_USER": expected().user,
        "PGBACKREST_REPO1_RETENTION_FULL": "99",
    }
    words = ["--type=full", "--start-fast", "--compress-type=lz4", "--repo1-bundle", *options]
    must(["pgbackrest", *words, "backup"], timeout=300, env=env)


def restored_specimens() -> dict[str, Callable[[Path], None]]:
    """Name -> how it is made in a copy of the off-site storage."""
    return {
        "wrong_major": _wrong_major,
        "source_damaged": partial(_bad_page, noticed=True),
        "damaged_page": partial(_bad_page, noticed=False),
        **{name: partial(_stated, name) for name in expected().harm},
    }
