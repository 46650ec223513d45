"""The arguments of the commands that say what is tested, and who is notified."""

from __future__ import annotations

from pathlib import Path

from chaos.app import verbs
from chaos.app.arguments.shared import AddVerb, reports_argument


def add_coverage_verbs(add: AddVerb) -> None:
    """``coverage`` and ``fire-alarm``."""
    summary = "show what the scenarios test, what they do not, and how old the evidence is"
    coverage = add("coverage", verbs.coverage, summary)
    coverage.add_argument(
        "selectors", nargs="*", default=["scenarios"], metavar="SCENARIO", help="default: scenarios"
    )
    coverage.add_argument("--json", action="store_true", help="as JSON")
    reports_argument(coverage, "folder of the history and the run folders")
    summary = "send every alert through the real routing, as a drill"
    alarm = add("fire-alarm", verbs.fire_alarm, summary)
    alarm.add_argument(
        "stack", type=Path, metavar="STACK", help="stack.yaml, its folder, or the stack's name"
    )
    alarm.add_argument(
        "--alertmanager", default="http://127.0.0.1:9093", metavar="URL", help="its address on this machine"
    )
    alarm.add_argument(
        "--notifications", default="http://127.0.0.1:8084", metavar="URL", help="where notifications arrive"
    )
