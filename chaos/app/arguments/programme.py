"""The arguments of the command about the programme of exercises."""

from __future__ import annotations

from pathlib import Path

from chaos.app import verbs
from chaos.app.arguments.shared import AddVerb, reports_argument


def add_programme_verbs(add: AddVerb) -> None:
    """``programme``."""
    verb = add(
        "programme",
        verbs.programme,
        "show which exercises are planned, when each was last done, and what is overdue",
    )
    verb.add_argument(
        "file",
        nargs="?",
        type=Path,
        metavar="FILE",
        help="programme file (default: the one that comes with gameday, from the incident guide)",
    )
    verb.add_argument(
        "--at", metavar="INSTANT", help="2026-03-02 09:00 in UTC, or with an offset (default: now)"
    )
    verb.add_argument("--strict", action="store_true", help="exit 1 if an exercise is overdue")
    verb.add_argument("--json", action="store_true", help="as JSON")
    reports_argument(verb, "folder of the history, the incidents and the game days")
