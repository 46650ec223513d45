"""The arguments of the command about findings."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from chaos.app import verbs
from chaos.app.arguments.shared import AddVerb, reports_argument


def add_findings_verbs(add: AddVerb) -> None:
    """``findings``."""
    verb = add(
        "findings", verbs.findings, "list what runs and people found wrong, until a passing re-test closes it"
    )
    verb.add_argument("--all", action="store_true", help="closed ones too")
    verb.add_argument("--json", action="store_true", help="as JSON")
    change = verb.add_mutually_exclusive_group()
    change.add_argument("--add", metavar="TITLE", help="add one by hand; needs --scenario")
    change.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="POST_MORTEM.md|DAY",
        help="add the action items of a post-mortem, or what was not met in the folder of a game day",
    )
    change.add_argument("--assign", metavar="F-0001", help="give one an owner or a due date")
    verb.add_argument("--scenario", metavar="NAME", help="the scenario whose passing run closes it")
    verb.add_argument("--owner", help="role that owns it")
    verb.add_argument("--due", type=_day, metavar="2026-12-31", help="default: 14 days after it was found")
    reports_argument(verb, "folder of the history and of findings.sqlite")


def _day(text: str) -> date:
    from chaos.on_call.instants import FIRST_YEAR, LAST_YEAR  # other commands need no such module

    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(f"expected a day such as 2026-12-31, got {text[:40]!r}")
    return day
