"""Names of the files in a run folder. What is wrong with a recording begins with the name of its file."""

from __future__ import annotations

SCENARIO = "scenario.yaml"
PLAN = "plan.json"
JOURNAL = "journal.jsonl"
LOAD = "load.jsonl"
LEDGER = "ledger.jsonl"
READBACK = "readback.json"
METRICS = "metrics.json"
VERDICT = "verdict.json"
