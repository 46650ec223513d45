"""The arguments of the commands about several runs: history, comparison and gate."""

from __future__ import annotations

from pathlib import Path

from chaos.app import verbs
from chaos.app.arguments.shared import (
    AddVerb,
    reports_argument,
    unsealed_argument,
    whole_number,
)


def add_history_verbs(add: AddVerb) -> None:
    history = add("history", verbs.history, "list earlier runs, their trends, and procedures that are due")
    history.add_argument("scenario", nargs="?", metavar="SCENARIO", help="only runs of this scenario")
    history.add_argument(
        "--last", type=whole_number(), default=20, metavar="N", help="how many runs (default 20)"
    )
    history.add_argument("--json", action="store_true", help="as JSON")
    history.add_argument("--rebuild", action="store_true", help="build it again from the run folders first")
    unsealed_argument(history)
    reports_argument(history)
    compare = add("compare", verbs.compare, "show what differs between two runs")
    compare.add_argument("before", metavar="A", help="run folder, or id of a run in the history")
    compare.add_argument("after", metavar="B", help="run folder, or id of a run in the history")
    compare.add_argument("--json", action="store_true", help="as JSON")
    unsealed_argument(compare)
    reports_argument(compare)
    gate = add(
        "gate",
        verbs.gate,
        "compare a run with the median of earlier runs: 0 no regression, 1 regression, 2 not enough data",
    )
    gate.add_argument(
        "run",
        type=Path,
        metavar="RUN",
        nargs="*",
        help="run folder (default: the newest run of every scenario)",
    )
    gate.add_argument(
        "--fail-on-regression",
        action="store_true",
        help="fail only on a regression; a run without enough data is reported and counts as 0",
    )
    gate.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit XML there too")
    unsealed_argument(gate)
    reports_argument(gate)
