"""The arguments of the command about the monthly review."""

from __future__ import annotations

import argparse
from pathlib import Path

from chaos.app import verbs
from chaos.app.arguments.shared import AddVerb, post_mortems_argument, reports_argument


def add_review_verbs(add: AddVerb) -> None:
    """``review``."""
    verb = add(
        "review", verbs.review, "show the figures of a month: incidents, response, post-mortems, findings"
    )
    verb.add_argument("--month", type=_month, metavar="2026-11", help="default: the last month")
    post_mortems_argument(verb)
    verb.add_argument("--json", action="store_true", help="as JSON")
    verb.add_argument(
        "--into",
        type=Path,
        metavar="FOLDER",
        help="also write review-MONTH.html, review-MONTH.md and review-MONTH.json",
    )
    reports_argument(verb, "folder of the history, the incidents, the findings and the game days")


def _month(text: str) -> object:
    from chaos.review.model import Month

    try:
        return Month.read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
