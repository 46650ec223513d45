"""Broken backups made from real ones, always in a copy: the off-site storage itself is mounted read-only.

Each is a name for the variable SPECIMEN; the weekly jobs must say of each what is wrong, and nothing else.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from examiner.expectations import expected
from examiner.model import CouldNotTellError
from examiner.redis_backup import STAMP
from examiner.repository import read_repository
from examiner.restored_specimens import restored_specimens
from examiner.sealing import read_sections, write_sections

LONG_AGO = timedelta(days=3)
PAGE = 8192


def spoil(offsite: Path, target: Path, name: str) -> Path:
    """A copy of ``offsite`` in ``target``, broken in the way ``name`` says.

    Raises CouldNotTellError when there is no such way, or nothing there to break.
    """
    ways = SPECIMENS | restored_specimens()
    way = ways.get(name)
    if way is None:
        raise CouldNotTellError(f"no specimen {name!r}; there are: {', '.join(sorted(ways))}")
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(offsite, target, symlinks=True)
    try:
        way(target)
    except (IndexError, FileNotFoundError) as problem:
        raise CouldNotTellError(f"specimen {name}: take a backup first ({problem})") from problem
    return target


def _largest(folder: Path) -> Path:
    return max((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)


def _backups(offsite: Path) -> Path:
    return offsite / "pgbackrest" / "backup" / expected().stanza


def _newest_set(offsite: Path) -> Path:
    return sorted(path for path in _backups(offsite).glob("2*") if path.is_dir())[-1]


def _truncated(offsite: Path) -> None:
    file = _largest(_newest_set(offsite))
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size // 2)


def _zeroed_block(offsite: Path) -> None:
    file = _largest(_newest_set(offsite))
    with file.open("r+b") as opened:
        opened.seek(file.stat().st_size // 2 // PAGE * PAGE)
        opened.write(bytes(PAGE))


def _missing_wal(offsite: Path) -> None:
    """The segment in which the newest backup ends: without it the copy never becomes consistent."""
    repository = read_repository(offsite / "pgbackrest", verify=False)
    newest = repository.newest() if repository else None
    if newest is None or newest.wal is None:
        raise FileNotFoundError("no backup with WAL")
    for path in (offsite / "pgbackrest" / "archive" / expected().stanza).rglob(f"{newest.wal.stop}-*"):
        path.unlink()


def _empty(offsite: Path) -> None:
    for path in (offsite / "pgbackrest").iterdir():
        shutil.rmtree(path)


def _stale(offsite: Path) -> None:
    """The list of backups as it was three days ago, sealed as pgBackRest would."""
    for name in ("backup.info", "backup.info.copy"):
        file = _backups(offsite) / name
        sections = read_sections(file.read_text())
        for label, text in sections["backup:current"].items():
            entry = json.loads(text)
            for key in ("backup-timestamp-start", "backup-timestamp-stop"):
                entry[key] -= int(LONG_AGO.total_seconds())
            sections["backup:current"][label] = json.dumps(entry, separators=(",", ":"))
        file.write_text(write_sections(sections))


def _newest_redis(offsite: Path) -> Path:
    return sorted(path.parent for path in (offsite / "redis").glob("*/SHA256SUMS"))[-1]


def _redis_truncated(offsite: Path) -> None:
    file = _newest_redis(offsite) / "dump.rdb"
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size // 2)


def _redis_empty(offsite: Path) -> None:
    shutil.rmtree(offsite / "redis")


def _redis_stale(offsite: Path) -> None:
    for folder in (offsite / "redis").iterdir():
        taken = datetime.strptime(folder.name, STAMP) - LONG_AGO
        folder.rename(folder.with_name(taken.strftime(STAMP)))


def _newest_pms(offsite: Path) -> Path:
    notes = {
        str(json.loads(path.read_text())["at"]): path for path in (offsite / "pms").glob("*/shipped.json")
    }
    if not notes:
        raise FileNotFoundError("the PMS has shipped nothing")
    return notes[max(notes)].parent


def _pms_truncated(offsite: Path) -> None:
    file = max(_newest_pms(offsite).glob("dump-*.jsonl"))
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size // 2)


def _pms_missing_log(offsite: Path) -> None:
    """The log behind the newest dump; when nothing came after it, the note says that something had."""
    folder = _newest_pms(offsite)
    dump = max(folder.glob("dump-*.jsonl"))
    logs = [path for path in folder.glob("log-*.jsonl") if path.stem[-9:] > dump.stem[-9:]]
    for path in logs[:1]:
        path.unlink()
    if not logs:
        note = json.loads((folder / "shipped.json").read_text())
        (folder / "shipped.json").write_text(json.dumps({**note, "position": note["position"] + 5}))


def _pms_damaged_note(offsite: Path) -> None:
    note = _newest_pms(offsite) / "shipped.json"
    note.write_bytes(note.read_bytes()[: note.stat().st_size // 2])


def _pms_empty(offsite: Path) -> None:
    shutil.rmtree(offsite / "pms")


def _pms_stale(offsite: Path) -> None:
    for path in (offsite / "pms").glob("*/shipped.json"):
        note = json.loads(path.read_text())
        at = datetime.fromisoformat(note["at"]).astimezone(UTC) - LONG_AGO
        path.write_text(json.dumps({**note, "at": at.isoformat()}))


SPECIMENS: dict[str, Callable[[Path], None]] = {
    "truncated": _truncated,
    "zeroed_block": _zeroed_block,
    "missing_wal": _missing_wal,
    "empty": _empty,
    "stale": _stale,
    "redis_truncated": _redis_truncated,
    "redis_empty": _redis_empty,
    "redis_stale": _redis_stale,
    "pms_truncated": _pms_truncated,
    "pms_missing_log": _pms_missing_log,
    "pms_damaged_note": _pms_damaged_note,
    "pms_empty": _pms_empty,
    "pms_stale": _pms_stale,
}
