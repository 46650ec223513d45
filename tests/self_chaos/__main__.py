"""``python -m tests.self_chaos``: injure runs of gameday, and write docs/self-chaos.md.

Each trial is kept in a file of results as it ends; with ``--resume`` a call goes on where the last one ended.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.self_chaos.bounds import Observed, violations
from tests.self_chaos.injuries import INJURIES
from tests.self_chaos.table import document
from tests.self_chaos.trial import trial
from tests.stack.harness import ROOT


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.self_chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=14, help="how many in all (default: each injury once)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0, help="start no further run after this time")
    parser.add_argument("--results", type=Path, default=ROOT / "reports" / "self-chaos.jsonl")
    parser.add_argument("--resume", action="store_true", help="keep what the file of results holds")
    given = parser.parse_args()
    if not given.resume:
        given.results.unlink(missing_ok=True)
    known = {seen.index: seen for seen in _kept(given.results)}
    began = time.monotonic()
    kinds = list(INJURIES.values())
    for index in range(given.runs):
        if index in known:
            continue
        if given.seconds and time.monotonic() - began > given.seconds:
            print(f"{given.runs - len(known)} runs are left; --resume goes on", file=sys.stderr)
            break
        seen = trial(index, given.seed, kinds[index % len(kinds)])
        known[index] = seen
        given.results.parent.mkdir(parents=True, exist_ok=True)
        with given.results.open("a", encoding="utf-8") as stream:
            stream.write(seen.model_dump_json() + "\n")
        words = "; ".join(violations(seen)) or "every bound held"
        verdict = seen.outcome or "no verdict"
        print(
            f"{index}: {seen.injury} at {seen.at} s ({seen.phase}), exit {seen.code}, {verdict}: {words}",
            flush=True,
        )
    page = document(given.seed, list(known.values()))
    (ROOT / "docs" / "self-chaos.md").write_text(page, encoding="utf-8")
    return 1 if any(violations(seen) for seen in known.values()) else 0


def _kept(path: Path) -> list[Observed]:
    if not path.exists():
        return []
    return [Observed.model_validate_json(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    sys.exit(main())
