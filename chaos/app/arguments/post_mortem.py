"""The arguments of the command about post-mortems."""

from __future__ import annotations

from pathlib import Path

from chaos.app import verbs
from chaos.app.arguments.shared import AddVerb, reports_argument, unsealed_argument


def add_post_mortem_verbs(add: AddVerb) -> None:
    """``post-mortem``."""
    verb = add(
        "post-mortem",
        verbs.post_mortem,
        "write the post-mortem of a run, a game day or an incident, or check one that people completed",
    )
    verb.add_argument(
        "subject",
        nargs="?",
        metavar="RUN|DAY|INCIDENT",
        help="folder of a run or of a game day, or number of an incident (INC-...)",
    )
    verb.add_argument(
        "--title", help="title of the file (default: that of the scenario, the game day or the alert)"
    )
    verb.add_argument("--owner", default="", help="role that owns the action items (default: a blank)")
    verb.add_argument(
        "--into",
        type=Path,
        default=Path("docs/post-mortems"),
        metavar="FOLDER",
        help="where the file is written (default docs/post-mortems); no file is ever replaced",
    )
    verb.add_argument(
        "--check",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="write nothing; exit 1 for words that blame, sections that are missing, and blanks",
    )
    reports_argument(verb, "folder of incidents.sqlite")
    unsealed_argument(verb)
