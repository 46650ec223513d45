"""A PostgreSQL backup restored into scratch space, started where no client can reach it, and queried.

Archiving is off in the copy: started as its configuration says, it would write into the archive that it came
from.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from examiner.expectations import COLLATION_CHANGED, SEQUENCES_BEHIND, STRUCTURE, expected
from examiner.model import CouldNotTellError
from examiner.repository import tool_env
from examiner.tools import Output, must, run

START_DEADLINE = 600.0  # seconds that starting and replaying all WAL may take
_SETTINGS = (
    *("listen_addresses=", "hot_standby=off", "fsync=off", "max_connections=10", "shared_buffers=64MB"),
    *("shared_preload_libraries=", "logging_collector=off", "ssl=off", "primary_conninfo="),
)


@dataclass(frozen=True)
class Restored:
    """What became of one restore. ``trouble``: why it ended early (a finding's name and its detail), else
    None.

    ``counts``: table -> rows, None where the table can't be read; ``broken``: invariant -> rows against it,
    None where it can't be asked. ``pages``: what the integrity checks complained of. ``newest_row``: epoch
    seconds.
    """

    major: str
    server_major: str
    trouble: tuple[str, str] | None = None
    archive_mode: str = ""
    in_recovery: bool = False
    structure: frozenset[str] = frozenset()
    counts: Mapping[str, int | None] = field(default_factory=dict)
    broken: Mapping[str, int | None] = field(default_factory=dict)
    newest_row: float | None = None
    pages: str = ""
    collation_changed: bool = False


@dataclass(frozen=True)
class Copy:
    """Where a copy lies in scratch space, and the programs of its server."""

    root: Path
    programs: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def sockets(self) -> Path:
        return self.root / "run"

    @property
    def log(self) -> Path:
        return self.root / "server.log"


def make_copy(root: Path) -> Copy:
    """Empty scratch space; whatever lay there before is removed."""
    shutil.rmtree(root, ignore_errors=True)
    copy = Copy(root, Path(must(["pg_config", "--bindir"]).strip()))
    for folder in (copy.data, copy.sockets):
        folder.mkdir(parents=True, mode=0o700)
    (root / "hba.conf").write_text("local all all trust\n")
    return copy


def server_major(copy: Copy) -> str:
    """``postgres (PostgreSQL) 17.5 (...)`` -> ``17``."""
    return must([copy.programs / "postgres", "--version"]).split()[2].split(".")[0]


def restore(copy: Copy, repository: Path, target: str | None = None) -> Output:
    """The newest backup, or the one from before ``target`` (a time stamp), into ``copy``."""
    argv = ["pgbackrest", f"--pg1-path={copy.data}", "--archive-mode=off", "restore"]
    if target is not None:
        argv += ["--type=time", f"--target={target}", "--target-action=promote"]
    return run(argv, timeout=START_DEADLINE, env=tool_env(repository))


@contextlib.contextmanager
def started(copy: Copy, *settings: str, env: Mapping[str, str] | None = None) -> Iterator[Output]:
    """The copy's server on its private socket, once it has replayed its WAL; the Output says whether it came
    up."""
    words = [*_SETTINGS, f"unix_socket_directories={copy.sockets}", f"hba_file={copy.root}/hba.conf"]
    options = " ".join(f"-c {word}" for word in [*words, *(settings or ("archive_mode=off",))])
    control: list[str | Path] = [copy.programs / "pg_ctl", "-D", copy.data, "-s", "-w"]
    deadline: list[str | Path] = ["-t", str(int(START_DEADLINE))]
    up = run(
        [*control, *deadline, "-l", copy.log, "-o", options, "start"], timeout=START_DEADLINE + 30, env=env
    )
    try:
        yield _came_up(copy) if up.ok else up
    finally:
        if (copy.data / "postmaster.pid").exists():
            must([*control, "-m", "fast", "stop"])


def _came_up(copy: Copy) -> Output:
    """Once the WAL is replayed. pg_ctl counts a server that still replays as started."""
    deadline = time.monotonic() + START_DEADLINE
    while time.monotonic() < deadline:
        if (recovering := ask(copy, "SELECT pg_is_in_recovery()")).ok and recovering.out.strip() == "f":
            return recovering
        alive = run([copy.programs / "pg_ctl", "-D", copy.data, "status"])
        if not alive.ok:
            return alive
        time.sleep(0.1)
    return Output(0, "", "still in recovery")


def ask(copy: Copy, query: str) -> Output:
    words = ["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", str(copy.sockets)]
    return run([*words, "-U", expected().user, "-d", expected().database, "-c", query])


def number(copy: Copy, query: str) -> int | None:
    """The query's only number; None when it fails."""
    answer = ask(copy, query)
    return int(answer.out) if answer.ok and answer.out.strip().isdigit() else None


def examine_restore(root: Path, repository: Path, target: str | None = None) -> Restored:
    """Restores, starts and asks; scratch space is empty again afterwards. Raises CouldNotTellError."""
    copy = make_copy(root)
    try:
        own = server_major(copy)
        done = restore(copy, repository, target)
        if not done.ok:
            return Restored("", own, _restore_trouble(done))
        major = (copy.data / "PG_VERSION").read_text().strip()
        if major != own:
            return Restored(major, own)
        with started(copy, env=tool_env(repository)) as up:
            if not up.ok:
                return Restored(major, own, start_trouble(_log(copy)))
            asked = _asked(copy, major)
        return asked if asked.pages else _with_checksums(copy, asked)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def start_trouble(log: str) -> tuple[str, str]:
    """Which finding a server's log means that ended during recovery.

    PostgreSQL itself says that a target was not reached: it looks for a later commit in the WAL and finds
    none.
    """
    fatal = [
        line.split("FATAL:")[-1].strip()
        for line in log.splitlines()
        if "FATAL:" in line
        and "the database system is" not in line  # the answer to a client that asks too early
    ]
    reason = fatal[0] if fatal else log.strip()[-300:]
    if "recovery ended before configured recovery target was reached" in log:
        return ("target_unreached", reason)
    if "before consistent recovery point" in log:
        return ("target_before_backup", reason)
    return ("restore_failed", reason)


def _restore_trouble(done: Output) -> tuple[str, str]:
    if "unable to find backup set with stop time less than" in done.err + done.out:
        return ("target_before_backup", done.last_line())
    return ("restore_failed", done.last_line())


def _asked(copy: Copy, major: str) -> Restored:
    recovering = ask(copy, "SELECT pg_is_in_recovery()")
    if not recovering.ok:
        return Restored(major, major, ("restore_failed", recovering.last_line()))
    newest = ask(copy, expected().newest_row)
    structure = ask(copy, STRUCTURE)
    pages = ""
    if recovering.out.strip() == "f":
        pages = _checked_pages(copy)
    return Restored(
        major,
        major,
        None,
        ask(copy, "SHOW archive_mode").out.strip(),
        recovering.out.strip() != "f",
        frozenset(structure.out.splitlines()) if structure.ok else frozenset(),
        {table: number(copy, query) for table, query in expected().counts.items()},
        {
            **{name: number(copy, query) for name, query in expected().invariants.items()},
            "a sequence is ahead of its column": number(copy, SEQUENCES_BEHIND),
        },
        float(newest.out) if newest.ok and newest.out.strip() else None,
        pages,
        number(copy, COLLATION_CHANGED) != 0,
    )


def _checked_pages(copy: Copy) -> str:
    """What amcheck says against tables and B-tree indexes; every table row must be in its indexes."""
    words: list[str | Path] = [copy.programs / "pg_amcheck", "--install-missing", "--heapallindexed"]
    place: list[str | Path] = ["-h", copy.sockets, "-U", expected().user, expected().database]
    checked = run([*words, *place], timeout=START_DEADLINE)
    if checked.code not in (0, 2):  # 2: it ran and complained
        raise CouldNotTellError(f"pg_amcheck: {checked.last_line()}")
    return checked.out.strip()[:500]


def _with_checksums(copy: Copy, asked: Restored) -> Restored:
    """Every page's checksum, once the server is down: what no query happens to touch."""
    checked = run([copy.programs / "pg_checksums", "--check", "-D", copy.data], timeout=START_DEADLINE)
    if checked.ok or "not enabled" in checked.err:
        return asked
    return Restored(**{**asked.__dict__, "pages": checked.err.strip()[:500]})


def _log(copy: Copy) -> str:
    return copy.log.read_text(errors="replace") if copy.log.exists() else ""
