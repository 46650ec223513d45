"""The arguments of the command about who is on call."""

from __future__ import annotations

from pathlib import Path

from chaos.app import verbs
from chaos.app.arguments.shared import AddVerb, reports_argument, whole_number

MOST_WEEKS = 520


def add_on_call_verbs(add: AddVerb) -> None:
    """``on-call``."""
    on_call = add("on-call", verbs.on_call, "show who is on duty, the coming weeks, and the handoff notes")
    on_call.add_argument(
        "schedule",
        nargs="?",
        type=Path,
        default=Path("fixtures/on-call.yaml"),
        metavar="FILE",
        help="on-call file (default fixtures/on-call.yaml)",
    )
    on_call.add_argument(
        "--at",
        metavar="INSTANT",
        help="2026-03-02 09:00 by the schedule's clocks, or with an offset (default: now)",
    )
    on_call.add_argument(
        "--weeks",
        type=whole_number(MOST_WEEKS),
        default=4,
        metavar="N",
        help="how many weeks to list (default 4)",
    )
    on_call.add_argument(
        "--hand-over", action="store_true", help="print the notes for the end of that week, as Markdown"
    )
    on_call.add_argument("--json", action="store_true", help="as JSON")
    reports_argument(on_call, "folder of incidents.sqlite, for the notes")
