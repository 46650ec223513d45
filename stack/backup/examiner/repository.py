"""What an off-site pgBackRest repository holds: its list of backups, its WAL, and what is wrong with its
bytes."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from examiner.expectations import expected
from examiner.model import CouldNotTellError
from examiner.sealing import read_sections
from examiner.tools import must
from examiner.wal import Branch, Segment, Span, as_segment, read_history

ZEROS = bytes(4096)  # no compressed stream holds a run of zeros as long as this; a lost block does
COMPRESSED = (".lz4", ".gz", ".zst", ".bz2")  # what pgBackRest adds to the names of files it compresses
_STATUS = re.compile(r"^status: (ok|error)", re.MULTILINE)
_SUMMARY = re.compile(
    r"missing: (?P<missing>\d+), checksum invalid: (?P<checksum>\d+), "
    r"size invalid: (?P<size>\d+), other: (?P<other>\d+)"
)
_SUBJECT = re.compile(r"(?P<kind>archiveId|backup): (?P<name>[^,\s]+)")


@dataclass(frozen=True)
class BackupSet:
    """One base backup as the repository lists it. ``stopped``: epoch seconds; ``wal`` is None for an offline
    one."""

    label: str
    kind: str
    stopped: int
    size: int
    major: str
    source_damaged: bool
    wal: Span | None


@dataclass(frozen=True)
class BadFile:
    """A stored file of a backup that isn't as its manifest says. ``harm``: missing_file, truncated,
    zeroed_block."""

    label: str
    name: str
    harm: str
    detail: str


@dataclass(frozen=True)
class Repository:
    """``status`` is the tool's own word when it can't use the repository; invalid_*: what its checksums
    say."""

    status: str | None
    backups: tuple[BackupSet, ...] = ()
    present: frozenset[Segment] = frozenset()
    branches: Mapping[int, Branch] = field(default_factory=dict)
    invalid_files: Mapping[str, int] = field(default_factory=dict)  # label -> number
    invalid_wal: int = 0
    bad_files: tuple[BadFile, ...] = ()

    def newest(self) -> BackupSet | None:
        return max(self.backups, key=lambda each: each.stopped, default=None)


def tool_env(repository: Path) -> dict[str, str]:
    return {
        "PGBACKREST_STANZA": expected().stanza,
        "PGBACKREST_REPO1_PATH": str(repository),
        "PGBACKREST_LOCK_PATH": "/scratch/lock",
        "PGBACKREST_LOG_LEVEL_FILE": "off",
        "PGBACKREST_LOG_LEVEL_CONSOLE": "error",
        "PGBACKREST_CONFIG": "/dev/null",
    }


def read_repository(repository: Path, *, verify: bool) -> Repository | None:
    """None when the storage can't be read at all. ``verify`` reads every byte of it."""
    if not os.access(repository.parent, os.R_OK | os.X_OK):
        return None
    if repository.exists() and not os.access(repository, os.R_OK | os.X_OK):
        return None
    env = tool_env(repository)
    listed = read_info(must(["pgbackrest", "info", "--output=json"], env=env))
    if not listed.backups:
        return listed
    stanza = expected().stanza
    archive = repository / "archive" / stanza
    invalid_files: dict[str, int] = {}
    invalid_wal = 0
    if verify:
        report = must(["pgbackrest", "verify", "--output=text", "--verbose"], timeout=600, env=env)
        invalid_files, invalid_wal = read_verify(report)
    bad = [
        bad
        for label in {**{each.label: 0 for each in listed.backups}, **invalid_files}
        for bad in bad_files(
            repository / "backup" / expected().stanza / label, bool(invalid_files.get(label))
        )
    ]
    return Repository(
        None,
        listed.backups,
        frozenset(_segments(archive)),
        {
            int(path.name[:8], 16): branch
            for path in archive.rglob("*.history")
            if (branch := read_history(path.read_text()))
        },
        invalid_files,
        invalid_wal,
        tuple(bad),
    )


def read_info(text: str) -> Repository:
    """From ``pgbackrest info --output=json``. Raises CouldNotTellError for anything else."""
    try:
        (stanza,) = json.loads(text)
        majors = {entry["id"]: str(entry["version"]) for entry in stanza["db"]}
        backups = tuple(
            BackupSet(
                label=entry["label"],
                kind=entry["type"],
                stopped=int(entry["timestamp"]["stop"]),
                size=int(entry["info"]["repository"]["size"]),
                major=majors[entry["database"]["id"]],
                source_damaged=bool(entry["error"]),
                wal=_span(entry["archive"]["start"], entry["archive"]["stop"]),
            )
            for entry in stanza["backup"]
        )
        status = stanza["status"]
        word = None if status["code"] == 0 else str(stanza["repo"][0]["status"]["message"])
    except (ValueError, KeyError, TypeError, IndexError) as problem:
        raise CouldNotTellError(f"pgbackrest info says something unknown: {text[:200]!r}") from problem
    return Repository(word, backups)


def read_verify(text: str) -> tuple[dict[str, int], int]:
    """Invalid files by backup label, and the number of invalid WAL segments.

    From ``pgbackrest verify --output=text --verbose``, whose exit code is 0 whatever it found. Raises
    CouldNotTellError for any other text: in that nothing bad would be found either.
    """
    if not _STATUS.search(text):
        raise CouldNotTellError(f"pgbackrest verify says something unknown: {text[:200]!r}")
    files: dict[str, int] = {}
    wal, subject = 0, ("", "")
    for line in text.splitlines():
        if head := _SUBJECT.search(line):
            subject = (head["kind"], head["name"])
        elif counts := _SUMMARY.search(line):
            number = sum(int(count) for count in counts.groups())
            if subject[0] == "archiveId":
                wal += number
            elif number:
                files[subject[1]] = number
    return files, wal


def bad_files(folder: Path, invalid: bool) -> list[BadFile]:
    """Files of one backup that are gone or too short, and, if its checksums are ``invalid``, lost blocks."""
    manifest = folder / "backup.manifest"
    if not manifest.is_file():
        return [BadFile(folder.name, "backup.manifest", "missing_file", f"{folder.name} has no manifest")]
    found = []
    for name, size in expected_sizes(manifest.read_text(encoding="utf-8")).items():
        path = next((each for each in _stored(folder / name) if each.is_file()), None)
        if path is None:
            found.append(BadFile(folder.name, name, "missing_file", f"{folder.name}/{name} is gone"))
        elif path.stat().st_size < size:
            detail = f"{folder.name}/{name} has {path.stat().st_size} of {size} bytes"
            found.append(BadFile(folder.name, name, "truncated", detail))
        elif invalid and (at := path.read_bytes().find(ZEROS)) >= 0:
            detail = f"{folder.name}/{name} is empty from byte {at} on, at least {len(ZEROS)} bytes"
            found.append(BadFile(folder.name, name, "zeroed_block", detail))
    return found


def _stored(plain: Path) -> list[Path]:
    """Under its own name or compressed; ``16384.1`` and ``16384_fsm`` are other files than ``16384``."""
    return [plain.with_name(f"{plain.name}{suffix}") for suffix in ("", *COMPRESSED)]


def expected_sizes(manifest: str) -> dict[str, int]:
    """Stored file, relative to its backup's folder -> bytes that it must have at least.

    Small files lie together in ``bundle/<number>``, each at its offset; the others have a file of their own.
    """
    sizes: dict[str, int] = {}
    for name, text in read_sections(manifest).get("target:file", {}).items():
        entry = json.loads(text)
        if "reference" in entry or not entry.get("size"):
            continue
        stored = int(entry.get("repo-size", entry["size"]))
        if "bni" in entry:
            bundle = f"bundle/{entry['bni']}"
            sizes[bundle] = max(sizes.get(bundle, 0), int(entry.get("bno", 0)) + stored)
        else:
            sizes[name] = stored
    return sizes


def _span(start: str | None, stop: str | None) -> Span | None:
    return Span(as_segment(start), as_segment(stop)) if start and stop else None


def _segments(archive: Path) -> list[Segment]:
    """Stored as ``<segment>-<checksum>.<suffix>``; a ``.partial`` one doesn't count."""
    return [
        as_segment(path.name[:24])
        for path in archive.rglob("*-*")
        if path.is_file() and re.fullmatch(r"[0-9A-F]{24}-[0-9a-f]{40}(\.\w+)?", path.name)
    ]
