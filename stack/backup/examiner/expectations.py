"""What a restored copy of this stack's database must hold. Every query gives numbers, never a row."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent
DATABASE = "agente"
USER = "agente"

# Fewer rows than this in a table that is never empty in production: the copy is of something else.
COUNTS = {"reservations": "SELECT count(*) FROM reservations", "payments": "SELECT count(*) FROM payments"}
LEAST_ROWS = {"reservations": 1, "payments": 1}
EMPTY_ALL = "TRUNCATE reservations, payments"

# The newest row may be this much older than the backup itself; seconds.
NEWEST_ROW = ("SELECT extract(epoch FROM max(created_at)) FROM reservations", 7 * 86_400.0)

# name -> rows that contradict it, although a constraint forbids most of them: it may have been got around.
INVARIANTS = {
    "no room is taken twice in one night": """
        SELECT count(*) FROM reservations a JOIN reservations b ON a.room = b.room AND a.id < b.id
        AND a.check_in < b.check_out AND b.check_in < a.check_out""",
    "a stay ends after it begins": "SELECT count(*) FROM reservations WHERE check_out <= check_in",
    "an idempotency key names one reservation": """
        SELECT count(*) - count(DISTINCT idempotency_key) FROM reservations""",
    "a payment belongs to a reservation": """
        SELECT count(*) FROM payments p
        WHERE NOT EXISTS (SELECT 1 FROM reservations r WHERE r.id = p.reservation_id)""",
}

STRUCTURE = (_HERE / "structure.sql").read_text(encoding="utf-8")
SEQUENCES_BEHIND = (_HERE / "sequences.sql").read_text(encoding="utf-8")
COLLATION_CHANGED = """
SELECT count(*) FROM pg_database
WHERE datname = current_database() AND datcollversion IS DISTINCT FROM
pg_database_collation_actual_version(oid)
"""
