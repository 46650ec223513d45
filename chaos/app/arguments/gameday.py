"""The arguments of the commands about game days."""

from __future__ import annotations

from pathlib import Path

from chaos.app import verbs
from chaos.app.arguments.shared import AddVerb, pace_of, reports_argument, whole_number
from chaos.digits import LAST_PORT


def add_gameday_verbs(add: AddVerb) -> None:
    """``host`` and ``debrief``."""
    host = add("host", verbs.host, "host a game day: live pages for its people on this machine")
    host.add_argument("file", nargs="?", type=Path, metavar="FILE", help="game-day file")
    host.add_argument(
        "--stack",
        type=Path,
        metavar="STACK",
        help="stack.yaml or its folder: run the scenarios on it, whatever stack they name",
    )
    host.add_argument("--resume", type=Path, metavar="FOLDER", help="go on with a day that was hosted before")
    host.add_argument(
        "--pace", type=pace_of, help="how much policy time is compressed (default: as in the file)"
    )
    host.add_argument(
        "--port",
        type=whole_number(LAST_PORT, least=0),
        default=8765,
        help="0: any that is free (default 8765)",
    )
    host.add_argument(
        "--seed",
        type=whole_number(least=0),
        help="draw the order and the instants from it (default: a new one)",
    )
    reports_argument(host)
    debrief = add("debrief", verbs.debrief, "draw the debrief of a game day again; needs no engine")
    debrief.add_argument("folder", type=Path, metavar="FOLDER", help="the day's folder")
    debrief.add_argument("--anonymous", action="store_true", help="roles in place of names")
