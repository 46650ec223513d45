"""Facts of healthy backups, hand-made: each test breaks one of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from examiner.pms_backups import Generation, PmsFile
from examiner.redis_backup import Loaded, RedisSet
from examiner.repository import BackupSet, Repository
from examiner.restored import Restored
from examiner.wal import Span, as_segment

NOW = datetime(2031, 1, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
TAKEN = NOW - HOUR
MAX_AGE = 7200.0  # seconds
WEEK = 7 * 86_400.0

SEGMENTS = [as_segment(f"00000001000000000000000{n}") for n in range(1, 6)]
BACKUP = BackupSet(
    label="20310101-230000F",
    kind="full",
    stopped=int(TAKEN.timestamp()),
    size=6_000_000,
    major="17",
    source_damaged=False,
    wal=Span(SEGMENTS[1], SEGMENTS[2]),
)
REPOSITORY = Repository(None, (BACKUP,), frozenset(SEGMENTS))

REFERENCE = frozenset({"constraint payments.fk FOREIGN KEY", "extension btree_gist"})
LEAST = {"reservations": 1, "payments": 1}
RESTORED = Restored(
    major="17",
    server_major="17",
    archive_mode="off",
    structure=REFERENCE | {"index made since"},
    counts={"reservations": 200, "payments": 200},
    broken={"a payment belongs to a reservation": 0},
    newest_row=(TAKEN - HOUR).timestamp(),
)

REDIS = RedisSet("20310101T230000Z", TAKEN, 3000, finished=True, keys=3, harm=())
LOADED = (Loaded("aof", 3, 0), Loaded("rdb", 2, 1))  # one key's time was over

DUMP = PmsFile("dump-000000002.jsonl", "dump", 0, 2, 500, "", ("a", "b"))
LOGS = (
    PmsFile("log-000000002-000000003.jsonl", "log", 2, 3, 300, "", ("c",)),
    PmsFile("log-000000003-000000005.jsonl", "log", 3, 5, 400, "", ("d", "e")),
)
GENERATION = Generation("4f", (DUMP, *LOGS), 5, TAKEN)
