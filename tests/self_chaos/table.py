"""docs/self-chaos.md: every trial as a line of a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tests.self_chaos.bounds import Observed, violations

_HEAD = """# Fault injection on gameday itself

This page shows how runs of gameday end when a fault hits gameday itself. `make chaos-self RUNS=60` starts
runs, injects one fault into each at a random instant, and writes this page. The same seed gives the same
instants.

Every run must meet these rules:

- It ends in bounded time.
- Half a minute later none of its containers, networks, volumes or processes is left. After "engine gone" the
  engine comes back first, and `gameday clean` runs.
- It does not pass if something that the verdict needs was gone before the teardown.
- It does not end as FAIL, because the system under test is sound.
- gameday can judge what was recorded and draw its report.
- It prints no traceback.
"""


def document(seed: int, trials: Sequence[Observed]) -> str:
    """The whole page."""
    broken = [seen for seen in trials if violations(seen)]
    kinds = Counter(seen.injury for seen in trials)
    violated = Counter(seen.injury for seen in broken)
    parts = [
        _HEAD,
        f"Seed {seed}: {len(trials)} runs, {len(broken)} with a violation.\n",
        "| injury | runs | with a violation |\n|---|---|---|",
        *(f"| {name} | {number} | {violated[name]} |" for name, number in sorted(kinds.items())),
        "\n## Each run\n",
        "| # | injury | at | phase then | exit code | verdict | ended after | violations |",
        "|---|---|---|---|---|---|---|---|",
        *(_line(seen) for seen in sorted(trials, key=lambda seen: seen.index)),
    ]
    return "\n".join(parts) + "\n"


def _line(seen: Observed) -> str:
    at = f"{seen.at:g} s" + (f" ({seen.late})" if seen.late else "")
    verdict = seen.outcome or ("none" if not seen.recorded else "unreadable")
    code = "none" if seen.code is None else str(seen.code)
    words = " ".join("; ".join(violations(seen)).replace("|", "/").split()) or "none"
    phase = seen.phase or "before the journal"
    return (
        f"| {seen.index} | {seen.injury} | {at} | {phase} | {code} | {verdict} | {seen.took:g} s | {words} |"
    )
