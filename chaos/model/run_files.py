"""Names of the files in a run folder."""

from __future__ import annotations

SCENARIO = "scenario.yaml"
PLAN = "plan.json"
JOURNAL = "journal.jsonl"
LOAD = "load.jsonl"
LEDGER = "ledger.jsonl"
READBACK = "readback.json"
METRICS = "metrics.json"
VERDICT = "verdict.json"
