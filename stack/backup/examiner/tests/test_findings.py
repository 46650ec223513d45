"""Every finding there is: shown on facts of a broken backup, and absent from those of a healthy one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from examiner.fixes import FIXES
from examiner.model import Finding
from examiner.pms_backups import Generation, judge_generations, judge_replay
from examiner.redis_backup import Loaded, RedisSet, judge_loaded, judge_sets
from examiner.repository import BackupSet, BadFile, Repository
from examiner.repository_rules import judge_repository
from examiner.restored import Restored, start_trouble
from examiner.restored_rules import judge_restored
from examiner.tests import healthy as good

DAYS = timedelta(days=3)
NOTHING_NOTED = datetime.fromtimestamp(0, UTC)
ILLEGIBLE = replace(good.GENERATION, shipped=0, shipped_at=NOTHING_NOTED, note_harm="is damaged")
Found = tuple[Finding, ...]


def repository(facts: Repository | None = good.REPOSITORY) -> Found:
    return judge_repository(facts, good.NOW, good.MAX_AGE)


def repository_of(backup: BackupSet) -> Found:
    return repository(replace(good.REPOSITORY, backups=(backup,)))


def bad_file(harm: str) -> Found:
    bad = BadFile(good.BACKUP.label, "bundle/1", harm, "bundle/1 is bad")
    wrong = {good.BACKUP.label: 12}
    return repository(replace(good.REPOSITORY, bad_files=(bad,), invalid_files=wrong))


def restored(facts: Restored = good.RESTORED) -> Found:
    taken = good.TAKEN.timestamp()
    return judge_restored(facts, good.REFERENCE, good.LEAST, taken, good.WEEK)


def redis(*sets: RedisSet) -> Found:
    return judge_sets(sets, good.NOW, good.MAX_AGE)


def harmed(kind: str) -> Found:
    return redis(replace(good.REDIS, harm=(("dump.rdb", kind), ("keys", kind))))


def pms(generation: Generation) -> Found:
    return judge_generations((generation,), good.NOW, good.MAX_AGE)


def pms_harm(kind: str) -> Found:
    return pms(replace(good.GENERATION, files=(replace(good.DUMP, harm=kind), *good.LOGS)))


def of_log(log: str) -> Found:
    return restored(replace(good.RESTORED, trouble=start_trouble(log)))


EMPTY_COPY = replace(good.RESTORED, counts={"reservations": 0, "payments": 0}, newest_row=None)
UNREADABLE = replace(  # a table that no query can read any more
    good.RESTORED,
    pages="block 0 of payments",
    counts={"reservations": 200, "payments": None},
    broken={"a payment belongs to a reservation": None},
)
BROKEN: list[tuple[str, str, Callable[[], Found]]] = [
    ("postgres", "unreachable", lambda: repository(None)),
    ("postgres", "empty", lambda: repository(Repository("missing stanza path"))),
    ("postgres", "empty", lambda: repository(Repository(None))),
    ("postgres", "unreadable", lambda: repository(Repository("[ChecksumError] backup.info"))),
    (
        "postgres",
        "stale",
        lambda: repository_of(replace(good.BACKUP, stopped=int((good.NOW - DAYS).timestamp()))),
    ),
    ("postgres", "truncated", lambda: bad_file("truncated")),
    ("postgres", "zeroed_block", lambda: bad_file("zeroed_block")),
    ("postgres", "missing_file", lambda: bad_file("missing_file")),
    (
        "postgres",
        "damaged",
        lambda: repository(replace(good.REPOSITORY, invalid_files={good.BACKUP.label: 1})),
    ),
    ("postgres", "damaged_wal", lambda: repository(replace(good.REPOSITORY, invalid_wal=1))),
    ("postgres", "source_damaged", lambda: repository_of(replace(good.BACKUP, source_damaged=True))),
    (
        "postgres",
        "missing_wal",
        lambda: repository(replace(good.REPOSITORY, present=good.REPOSITORY.present - {good.SEGMENTS[3]})),
    ),
    ("postgres", "wrong_major", lambda: restored(Restored("16", "17"))),
    ("postgres", "restore_failed", lambda: of_log("FATAL:  could not locate required checkpoint record")),
    (
        "postgres",
        "target_unreached",
        lambda: of_log("FATAL:  recovery ended before configured recovery target was reached"),
    ),
    (
        "postgres",
        "target_before_backup",
        lambda: of_log("FATAL:  requested recovery stop point is before consistent recovery point"),
    ),
    ("postgres", "archiving_on", lambda: restored(replace(good.RESTORED, archive_mode="on"))),
    ("postgres", "archiving_on", lambda: restored(replace(good.RESTORED, archive_mode=""))),
    ("postgres", "still_in_recovery", lambda: restored(replace(good.RESTORED, in_recovery=True))),
    ("postgres", "no_rows", lambda: restored(EMPTY_COPY)),
    (
        "postgres",
        "too_few",
        lambda: judge_restored(good.RESTORED, good.REFERENCE, {"reservations": 201}, 0.0, good.WEEK),
    ),
    (
        "postgres",
        "old_rows",
        lambda: restored(replace(good.RESTORED, newest_row=good.TAKEN.timestamp() - 2 * good.WEEK)),
    ),
    ("postgres", "structure", lambda: restored(replace(good.RESTORED, structure=frozenset()))),
    (
        "postgres",
        "structure",
        lambda: restored(replace(good.RESTORED, counts={"reservations": 200, "payments": None})),
    ),
    ("postgres", "semantics", lambda: restored(replace(good.RESTORED, broken={"a rule": 2}))),
    ("postgres", "semantics", lambda: restored(replace(good.RESTORED, broken={"a rule": None}))),
    ("postgres", "damaged_page", lambda: restored(replace(good.RESTORED, pages="block 3 of payments"))),
    ("postgres", "damaged_page", lambda: restored(UNREADABLE)),
    ("postgres", "collation", lambda: restored(replace(good.RESTORED, collation_changed=True))),
    ("redis", "unreachable", lambda: judge_sets(None, good.NOW, good.MAX_AGE)),
    ("redis", "empty", lambda: redis()),
    ("redis", "unfinished", lambda: redis(good.REDIS, replace(good.REDIS, finished=False))),
    ("redis", "stale", lambda: redis(replace(good.REDIS, taken=good.NOW - DAYS))),
    ("redis", "truncated", lambda: harmed("truncated")),
    ("redis", "damaged", lambda: harmed("damaged")),
    ("redis", "damaged", lambda: redis(replace(good.REDIS, keys=None))),
    ("redis", "missing_file", lambda: harmed("missing_file")),
    (
        "redis",
        "restore_failed",
        lambda: judge_loaded(good.REDIS, (Loaded("aof", 0, 0, "Bad file format"),)),
    ),
    ("redis", "no_rows", lambda: judge_loaded(good.REDIS, (Loaded("aof", 0, 0),))),
    ("redis", "too_few", lambda: judge_loaded(good.REDIS, (Loaded("rdb", 1, 0),))),
    ("pms", "unreachable", lambda: judge_generations(None, good.NOW, good.MAX_AGE)),
    ("pms", "empty", lambda: judge_generations((), good.NOW, good.MAX_AGE)),
    ("pms", "stale", lambda: pms(replace(good.GENERATION, shipped_at=good.NOW - DAYS))),
    ("pms", "truncated", lambda: pms_harm("truncated")),
    ("pms", "damaged", lambda: pms_harm("damaged")),
    ("pms", "missing_log", lambda: pms(replace(good.GENERATION, files=(good.DUMP, good.LOGS[1])))),
    ("pms", "missing_log", lambda: pms(replace(good.GENERATION, files=(good.DUMP, good.LOGS[0])))),
    ("pms", "damaged_note", lambda: pms(ILLEGIBLE)),
    ("pms", "damaged_note", lambda: judge_generations((ILLEGIBLE, good.GENERATION), good.NOW, good.MAX_AGE)),
    ("pms", "no_rows", lambda: judge_replay(replace(good.GENERATION, files=(replace(good.DUMP, ids=()),)))),
    ("pms", "too_few", lambda: judge_replay(replace(good.GENERATION, files=(good.DUMP, good.LOGS[0])))),
    (
        "pms",
        "semantics",
        lambda: judge_replay(
            replace(good.GENERATION, files=(replace(good.DUMP, ids=("a", "a")), *good.LOGS))
        ),
    ),
]


@pytest.mark.parametrize(
    ("backup", "finding", "judge"), BROKEN, ids=[f"{backup}-{finding}" for backup, finding, _ in BROKEN]
)
def test_a_broken_backup_gives_its_finding_and_no_other(
    backup: str, finding: str, judge: Callable[[], Found]
) -> None:
    assert [(each.backup, each.finding) for each in judge()] == [(backup, finding)]


@pytest.mark.parametrize(
    "judge",
    [
        repository,
        restored,
        lambda: redis(good.REDIS),
        lambda: judge_loaded(good.REDIS, good.LOADED),
        lambda: pms(good.GENERATION),
        lambda: judge_replay(good.GENERATION),
    ],
    ids=["repository", "restored", "redis", "redis loaded", "pms", "pms replayed"],
)
def test_a_healthy_backup_gives_none(judge: Callable[[], Found]) -> None:
    assert judge() == ()


def test_every_finding_is_shown_and_has_a_fix() -> None:
    assert {finding for _, finding, _ in BROKEN} == set(FIXES)


def test_the_servers_own_reason_is_reported_and_not_what_it_says_to_those_who_ask_too_early() -> None:
    log = "FATAL:  the database system is starting up\nFATAL:  could not locate required checkpoint record\n"
    assert start_trouble(log) == ("restore_failed", "could not locate required checkpoint record")
