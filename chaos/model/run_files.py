"""Names of the files in a run folder, and the run id in the name of the folder."""

from __future__ import annotations

SCENARIO = "scenario.yaml"
PLAN = "plan.json"
JOURNAL = "journal.jsonl"
LOAD = "load.jsonl"
LEDGER = "ledger.jsonl"
READBACK = "readback.json"
METRICS = "metrics.json"
VERDICT = "verdict.json"


def run_id_in(name: str) -> str:
    """The run id in the name of a run folder, ``<UTC time>-<scenario>-<id>``."""
    return name.rsplit("-", 1)[-1]
