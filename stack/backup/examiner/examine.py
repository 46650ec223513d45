"""One examination of each backup: read it, judge it, and, if that went well, restore it and judge that
too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from examiner.expectations import expected
from examiner.model import Examined, Finding
from examiner.pms_backups import judge_generations, judge_replay, pms_facts, read_generations
from examiner.redis_backup import judge_loaded, judge_sets, load, read_sets, redis_facts
from examiner.repository import read_repository
from examiner.repository_rules import judge_repository, repository_facts
from examiner.restored import examine_restore
from examiner.restored_rules import judge_restored

# With one of these a restore has no more to say: the backup is old or its sibling is bad, but it is there.
HARMLESS = frozenset({"stale", "unfinished"})


@dataclass(frozen=True)
class Order:
    """What is wanted. ``max_age``: seconds; ``full``: restore it; ``target``: a time stamp to recover
    PostgreSQL to."""

    offsite: Path
    scratch: Path
    max_age: float
    full: bool
    target: str | None = None


def examine_postgres(order: Order) -> Examined:
    now = datetime.now(UTC)
    repository = read_repository(order.offsite / "pgbackrest", verify=True)
    facts = repository_facts(repository, now)
    found = judge_repository(repository, now, order.max_age)
    newest = repository.newest() if repository else None
    if order.full and newest is not None and _worth_restoring(found):
        restored = examine_restore(order.scratch / "postgres", order.offsite / "pgbackrest", order.target)
        wanted = expected()
        found += judge_restored(
            restored, wanted.structure, wanted.least_rows, newest.stopped, wanted.newest_row_within
        )
    return Examined(facts, found)


def examine_redis(order: Order) -> Examined:
    now = datetime.now(UTC)
    folder = order.offsite / "redis"
    sets = read_sets(folder, verify=True)
    found = judge_sets(sets, now, order.max_age)
    finished = [each for each in sets or () if each.finished]
    if order.full and finished and _worth_restoring(found):
        newest = finished[-1]
        loaded = tuple(
            load(folder / newest.label, order.scratch / "redis", source) for source in ("aof", "rdb")
        )
        found += judge_loaded(newest, loaded)
    return Examined(redis_facts(sets, now), found)


def examine_pms(order: Order) -> Examined:
    now = datetime.now(UTC)
    generations = read_generations(order.offsite / "pms")
    found = judge_generations(generations, now, order.max_age)
    if order.full and generations and _worth_restoring(found):
        found += judge_replay(generations[-1])
    return Examined(pms_facts(generations, now), found)


EXAMINERS = {"postgres": examine_postgres, "redis": examine_redis, "pms": examine_pms}


def _worth_restoring(found: tuple[Finding, ...]) -> bool:
    return all(each.finding in HARMLESS for each in found)
