"""The action items of a post-mortem that people completed, read from its Markdown. Pure."""

from __future__ import annotations

import re
from datetime import date

from chaos.model.base import Frozen

_BLANK = "_to fill in_"
_RETEST = re.compile(r"^- The scenario that tests this from now on: ([A-Za-z0-9][\w.-]*)\s*$", re.MULTILINE)
_CELLS = 4


class ActionItem(Frozen):
    """``owner`` is empty, and ``due`` None, where the file has a blank or no date."""

    what: str
    owner: str
    due: date | None


def action_items(written: str) -> tuple[ActionItem, ...]:
    """The rows of its table; rows without an action are left out."""
    section = written.partition("\n## Action items\n")[2].partition("\n## ")[0]
    found = []
    for line in section.splitlines():
        cells = [_plain(cell) for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
        if len(cells) == _CELLS and cells[0] not in ("", "action", _BLANK) and set(cells[0]) != {"-"}:
            what, _, owner, due = cells
            found.append(ActionItem(what=what, owner="" if owner == _BLANK else owner, due=_day(due)))
    return tuple(found)


def retest_of(written: str) -> str | None:
    """The scenario that the prevention measures name; None where that is a blank."""
    found = _RETEST.search(written)
    return found[1] if found is not None else None


def _plain(cell: str) -> str:
    text = re.sub(r"\\([\\`*\[\]|])", r"\1", cell.strip())
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
