"""Real backups, broken in every way there is: the weekly jobs say of each what is wrong, and nothing else.

One start of the databases for all of it. The broken ones are copies; that the real backups are never touched
is looked at in the end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from tests.stack.reference import PMS_KEY, ReferenceStack, wait_for

pytestmark = pytest.mark.containers
DATABASES = ("postgres", "redis", "pms", "backup")
QUICK = ("--quick",)  # the weekly validation; without it, the weekly restore test
BROKEN = [
    ("truncated", QUICK, "postgres", "truncated"),
    ("zeroed_block", QUICK, "postgres", "zeroed_block"),
    ("missing_wal", QUICK, "postgres", "missing_wal"),
    ("empty", QUICK, "postgres", "empty"),
    ("stale", QUICK, "postgres", "stale"),
    ("wrong_major", (), "postgres", "wrong_major"),
    ("no_rows", (), "postgres", "no_rows"),
    ("source_damaged", QUICK, "postgres", "source_damaged"),
    ("damaged_page", (), "postgres", "damaged_page"),
    ("broken_index", (), "postgres", "damaged_page"),
    ("no_constraint", (), "postgres", "structure"),
    ("orphans", (), "postgres", "semantics"),
    ("sequence_behind", (), "postgres", "semantics"),
    ("redis_truncated", QUICK, "redis", "truncated"),
    ("redis_empty", QUICK, "redis", "empty"),
    ("redis_stale", QUICK, "redis", "stale"),
    ("pms_truncated", QUICK, "pms", "truncated"),
    ("pms_missing_log", QUICK, "pms", "missing_log"),
    ("pms_damaged_note", QUICK, "pms", "damaged_note"),
    ("pms_empty", QUICK, "pms", "empty"),
    ("pms_stale", QUICK, "pms", "stale"),
]


@dataclass(frozen=True)
class Said:
    code: int
    findings: list[tuple[str, str]]
    examined: set[str]  # backups that there is a fact of
    raw: str


class Backups:
    """The stack's databases with one backup of each."""

    def __init__(self, stack: ReferenceStack) -> None:
        self.stack = stack

    def examine(self, *words: str, specimen: str = "") -> Said:
        order = ["exec", "-T", "-e", f"SPECIMEN={specimen}", "backup", "backups", "examine", *words]
        done = self.stack.try_compose("--profile", "drill", *order)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        found = [(line["backup"], line["finding"]) for line in lines if "finding" in line]
        examined = {line["backup"] for line in lines if "label" in line}
        return Said(done.returncode, found, examined, done.stdout + done.stderr)

    def sums(self) -> set[str]:
        """Of every byte off-site, file by file."""
        script = "find /offsite -type f ! -name '*.tmp' | sort | xargs sha256sum"
        order = ["exec", "-T", "backup", "sh", "-c", script]
        return set(self.stack.compose("--profile", "drill", *order).splitlines())

    def sql(self, statement: str) -> str:
        words = ["psql", "-qAtX", "-U", "agente", "-d", "agente", "-c", statement]
        return self.stack.compose("exec", "-T", "postgres", *words).strip()

    def pms_ids(self) -> set[str]:
        answer = httpx.get(f"{self.stack.url('pms')}/bookings", headers=PMS_KEY)
        return {booking["id"] for booking in answer.json()["bookings"]}

    def lose(self, service: str, volume: str) -> None:
        self.stack.compose("rm", "--stop", "--force", service)
        self.stack.docker_volume_rm(volume)


@pytest.fixture(scope="module")
def backups(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backups]:
    stack = ReferenceStack(tmp_path_factory.mktemp("stack"))
    try:
        stack.up("--profile", "drill", services=DATABASES)
        for number in range(3):
            booking = {"id": f"b{number}", "room": str(number)}
            httpx.post(f"{stack.url('pms')}/bookings", json=booking, headers=PMS_KEY).raise_for_status()
        stack.compose("exec", "-T", "redis", "redis-cli", "SET", "kept", "1")
        stack.compose("exec", "-T", "postgres", "take-backup")
        stack.compose("exec", "-T", "redis", "/opt/agente/backup.sh")
        stack.compose("exec", "-T", "pms", "python", "pms_admin.py", "dump")
        yield Backups(stack)
    finally:
        stack.down()


@pytest.mark.parametrize("words", [QUICK, ()], ids=["validation", "restore test"])
def test_healthy_backups_raise_no_finding(backups: Backups, words: tuple[str, ...]) -> None:
    said = backups.examine("all", *words)
    assert (said.code, said.findings) == (0, []), said.raw
    assert said.examined == {"postgres", "redis", "pms"}


@pytest.mark.parametrize(("specimen", "words", "backup", "finding"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_broken_backup_gives_its_own_finding(
    backups: Backups, specimen: str, words: tuple[str, ...], backup: str, finding: str
) -> None:
    before = backups.sums()
    said = backups.examine("all", *words, specimen=specimen)
    assert (said.code, said.findings) == (1, [(backup, finding)]), said.raw
    assert before <= backups.sums()  # the database goes on archiving meanwhile


def test_an_instant_counts_as_reached_only_when_a_later_commit_is_archived(backups: Backups) -> None:
    instant = backups.sql("SELECT now()")
    segment = backups.sql("SELECT pg_walfile_name(pg_switch_wal())")
    wait_for("the segment off-site", lambda: _archived(backups, segment))
    assert backups.examine("postgres", "--target", instant).findings == [("postgres", "target_unreached")]
    backups.sql("CREATE TABLE later (); DROP TABLE later")
    segment = backups.sql("SELECT pg_walfile_name(pg_switch_wal())")
    wait_for("the segment off-site", lambda: _archived(backups, segment))
    said = backups.examine("postgres", "--target", instant)
    assert said.findings == [], said.raw
    early = backups.examine("postgres", "--target", "2020-01-01 00:00:00+00")
    assert early.findings == [("postgres", "target_before_backup")], early.raw


def _archived(backups: Backups, segment: str) -> None:
    assert any(segment in line for line in backups.sums())


def test_redis_comes_back_into_an_empty_volume(backups: Backups) -> None:
    stack = backups.stack
    for source in ("aof", "rdb"):
        backups.lose("redis", "redis-data")
        stack.compose("run", "--rm", "--no-deps", "-T", "redis", "/opt/agente/restore.sh", source)
        again = stack.try_compose("run", "--rm", "--no-deps", "-T", "redis", "/opt/agente/restore.sh", source)
        assert "isn't empty" in again.stderr
        stack.compose("up", "-d", "--no-deps", "--wait", "redis")
        assert stack.compose("exec", "-T", "redis", "redis-cli", "GET", "kept").strip() == "1", source


def test_the_pms_comes_back_with_dump_and_log(backups: Backups) -> None:
    stack = backups.stack
    known = backups.pms_ids()
    late = {"id": "late", "room": "9"}
    httpx.post(f"{stack.url('pms')}/bookings", json=late, headers=PMS_KEY).raise_for_status()
    stack.compose("exec", "-T", "pms", "python", "pms_admin.py", "ship")
    backups.lose("pms", "pms-data")
    stack.compose("run", "--rm", "--no-deps", "-T", "pms", "python", "pms_admin.py", "restore")
    stack.compose("up", "-d", "--no-deps", "--wait", "pms")
    assert backups.pms_ids() == known | {"late"}
