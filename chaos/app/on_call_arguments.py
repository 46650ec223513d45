"""The arguments of the command about who is on call."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from chaos.app import verbs
from chaos.app.command_context import CommandContext
from chaos.errors import ExitCode

Command = Callable[[argparse.Namespace, CommandContext], ExitCode]
AddVerb: TypeAlias = Callable[[str, Command, str], argparse.ArgumentParser]
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
        "--weeks", type=_weeks, default=4, metavar="N", help="how many weeks to list (default 4)"
    )
    on_call.add_argument(
        "--hand-over", action="store_true", help="print the notes for the end of that week, as Markdown"
    )
    on_call.add_argument("--json", action="store_true", help="as JSON")
    on_call.add_argument(
        "--reports", type=Path, default=Path("reports"), help="folder of incidents.sqlite, for the notes"
    )


def _weeks(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= MOST_WEEKS:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 to {MOST_WEEKS}, got {text!r}")
    return int(text)
