"""Off-site Redis backups: a folder ``<UTC time>`` each, with an RDB, a copy of the AOF, and SHA256SUMS.

SHA256SUMS gets its name last: a folder without it was never finished.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from examiner.model import CouldNotTellError, Fact, Finding, stale
from examiner.tools import run

NAME = "redis"
STAMP = "%Y%m%dT%H%M%SZ"
LOAD_DEADLINE = 300.0  # seconds until a server must have loaded a backup


@dataclass(frozen=True)
class RedisSet:
    """One folder. ``harm``: file -> missing_file, truncated or damaged; ``keys``: what its RDB held when
    taken."""

    label: str
    taken: datetime
    size: int
    finished: bool
    keys: int | None
    harm: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Loaded:
    """What a server made of a backup. ``keys``: there after loading; ``expired``: dropped because their time
    was over."""

    source: str  # aof | rdb
    keys: int
    expired: int
    trouble: str = ""


def read_sets(folder: Path, *, verify: bool) -> tuple[RedisSet, ...] | None:
    """All backups, oldest first; None when the storage can't be read."""
    if not os.access(folder.parent, os.R_OK | os.X_OK):
        return None
    found = []
    for each in sorted(folder.glob("*")) if folder.is_dir() else []:
        try:
            taken = datetime.strptime(each.name, STAMP).replace(tzinfo=UTC)
        except ValueError:
            continue
        sums = each / "SHA256SUMS"
        files = [path for path in each.rglob("*") if path.is_file()]
        found.append(
            RedisSet(
                each.name,
                taken,
                sum(path.stat().st_size for path in files),
                sums.is_file(),
                _number(each / "keys"),
                tuple(_harm(each)) if verify and sums.is_file() else (),
            )
        )
    return tuple(found)


def redis_facts(sets: tuple[RedisSet, ...] | None, now: datetime) -> tuple[Fact, ...]:
    return tuple(
        Fact(NAME, each.label, each.taken, (now - each.taken).total_seconds(), each.size, "rdb+aof")
        for each in sets or ()
        if each.finished
    )


def judge_sets(sets: tuple[RedisSet, ...] | None, now: datetime, max_age_s: float) -> tuple[Finding, ...]:
    """What reading the folders shows. Pure."""
    if sets is None:
        return (Finding(NAME, "unreachable", "the off-site storage cannot be read"),)
    finished = [each for each in sets if each.finished]
    found = []
    if sets and not sets[-1].finished:
        found.append(Finding(NAME, "unfinished", f"{sets[-1].label} has no SHA256SUMS"))
    if not finished:
        return (*found, Finding(NAME, "empty", "no whole backup"))
    newest = finished[-1]
    found += stale(NAME, newest.label, (now - newest.taken).total_seconds(), max_age_s)
    found += [
        Finding(NAME, "damaged", f"{each.label}: no note says how many keys it holds")
        for each in finished
        if each.keys is None and not each.harm
    ]
    for each in finished:
        if each.harm:
            names = ", ".join(name for name, _ in each.harm[:5])
            found.append(Finding(NAME, each.harm[0][1], f"{each.label}: {names}"))
    return tuple(found)


def judge_loaded(newest: RedisSet, loaded: tuple[Loaded, ...]) -> tuple[Finding, ...]:
    """What loading it into a server shows. Pure."""
    found = []
    for each in loaded:
        if each.trouble:
            found.append(Finding(NAME, "restore_failed", f"{newest.label} ({each.source}): {each.trouble}"))
        elif newest.keys and each.keys + each.expired == 0:
            found.append(Finding(NAME, "no_rows", f"{newest.label} ({each.source}): 0 of {newest.keys} keys"))
        elif each.source == "rdb" and newest.keys and each.keys + each.expired < newest.keys:
            detail = f"{newest.label} (rdb): {each.keys + each.expired} of {newest.keys} keys"
            found.append(Finding(NAME, "too_few", detail))
    return tuple(found)


def load(folder: Path, scratch: Path, source: str) -> Loaded:
    """Loads one backup into a server of its own, as a restore would. Raises CouldNotTellError."""
    shutil.rmtree(scratch, ignore_errors=True)
    aof = scratch / "appendonlydir"
    scratch.mkdir(parents=True)
    if source == "aof":
        shutil.copytree(folder / "appendonlydir", aof)
    else:
        aof.mkdir()
        shutil.copy(folder / "dump.rdb", aof / "appendonly.aof.1.base.rdb")
        (aof / "appendonly.aof.manifest").write_text("file appendonly.aof.1.base.rdb seq 1 type b\n")
    try:
        with _server(scratch) as (loaded, trouble):
            if not loaded:
                return Loaded(source, 0, 0, trouble)
            keys = int(_call(scratch, "DBSIZE"))
            # Keys whose time is over go while the file is loaded, or right after; each way is counted
            # elsewhere.
            gone = _field(_call(scratch, "INFO", "persistence"), "rdb_last_load_keys_expired")
            gone += _field(_call(scratch, "INFO", "stats"), "expired_keys")
            return Loaded(source, keys, gone)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextlib.contextmanager
def _server(scratch: Path) -> Iterator[tuple[bool, str]]:
    """A server on a socket in ``scratch``: (True, "") once it has loaded, (False, why) when it gave up."""
    log = scratch / "log"
    argv = ["redis-server", "--port", "0", "--unixsocket", str(scratch / "socket"), "--dir", str(scratch)]
    argv += ["--appendonly", "yes", "--save", "", "--logfile", str(log), "--daemonize", "no"]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + LOAD_DEADLINE
        while process.poll() is None and time.monotonic() < deadline:
            if run(["redis-cli", "-s", scratch / "socket", "PING"]).out.strip() == "PONG":
                yield True, ""
                return
            time.sleep(0.05)
        if process.poll() is None:
            raise CouldNotTellError(f"redis-server has not loaded the backup within {LOAD_DEADLINE:g} s")
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        yield False, lines[-1] if lines else f"exit code {process.returncode}"
    finally:
        process.terminate()
        process.wait(30)


def _call(scratch: Path, *words: str) -> str:
    answer = run(["redis-cli", "-s", scratch / "socket", *words])
    if not answer.ok:
        raise CouldNotTellError(f"redis-cli {words[0]}: {answer.last_line()}")
    return answer.out


def _field(info: str, name: str) -> int:
    return next((int(line.partition(":")[2]) for line in info.splitlines() if line.startswith(f"{name}:")), 0)


def _harm(folder: Path) -> Iterator[tuple[str, str]]:
    """Compares every file with SHA256SUMS, and, where it differs, its length with ``sizes``.

    A file that is not named there means that the sums are damaged: a list that was cut off has less.
    """
    sizes = {}
    if (folder / "sizes").is_file():
        for line in (folder / "sizes").read_text(errors="replace").splitlines():
            size, _, name = line.partition(" ")
            sizes[name] = int(size) if size.isdigit() else 0
    named = set()
    for line in (folder / "SHA256SUMS").read_text(errors="replace").splitlines():
        wanted, _, name = line.partition("  ")
        path = folder / name
        named.add(path)
        if not path.is_file():
            yield name, "missing_file"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != wanted:
            yield name, "truncated" if path.stat().st_size < sizes.get(name, 0) else "damaged"
    if {path for path in folder.rglob("*") if path.is_file()} - named - {folder / "SHA256SUMS"}:
        yield "SHA256SUMS", "damaged"


def _number(path: Path) -> int | None:
    text = path.read_text().strip() if path.is_file() else ""
    return int(text) if text.isdigit() else None
