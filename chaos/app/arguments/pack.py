"""The arguments of the command about the facilitator pack."""

from __future__ import annotations

from pathlib import Path

from chaos.app import verbs
from chaos.app.arguments.shared import AddVerb


def add_pack_verbs(add: AddVerb) -> None:
    """``pack``."""
    verb = add("pack", verbs.pack, "write the facilitator's guide of a game day, and a page for participants")
    verb.add_argument("file", type=Path, metavar="FILE", help="game-day file, or one scenario")
    verb.add_argument(
        "--into",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="folder of guide.html, guide.md, participants.html and participants.md; nothing is replaced",
    )
