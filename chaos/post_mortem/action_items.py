"""Reads the action items from the Markdown of a post-mortem that people have completed. Pure."""

from __future__ import annotations

import re
from datetime import date

from chaos.model.base import Frozen
from chaos.post_mortem.markdown import BLANK, IMPROVE, RETEST

_NAME = r"[A-Za-z0-9][\w.-]*"
_RETEST = re.compile(rf"^{RETEST}({_NAME})\s*$", re.MULTILINE)
_IMPROVE = re.compile(rf"^{IMPROVE}(?: \(({_NAME})\))?: (\S.*)$", re.MULTILINE)
_CELLS = 4  # five in the file of a game day: the last is the scenario that re-tests the action


class ActionItem(Frozen):
    """``owner`` and ``retest`` are empty, and ``due`` is None, if the file leaves them blank or has none."""

    what: str
    owner: str
    due: date | None
    retest: str = ""


def action_items(written: str) -> tuple[ActionItem, ...]:
    """The rows of the table of action items, then the improvements that the lessons name; without blanks."""
    section = written.partition("\n## Action items\n")[2].partition("\n## ")[0]
    found = []
    for line in section.splitlines():
        cells = [_plain(cell) for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
        head = not cells or cells[0] in ("", "action", BLANK) or set(cells[0]) == {"-"}
        if head or not _CELLS <= len(cells) <= _CELLS + 1:
            continue
        what, _, owner, due, *retest = (("" if cell == BLANK else cell) for cell in cells)
        found.append(ActionItem(what=what, owner=owner, due=_day(due), retest="".join(retest)))
    lessons = written.partition("\n## Lessons learned\n")[2].partition("\n## ")[0]
    for scenario, words in _IMPROVE.findall(lessons):
        if words.rstrip() != BLANK:
            found.append(ActionItem(what=_plain(words), owner="", due=None, retest=scenario))
    return tuple(found)


def retest_of(written: str) -> str | None:
    """The scenario that the prevention measures name; None if they leave it blank or name several."""
    found = _RETEST.findall(written)
    return found[0] if len(found) == 1 else None


def _plain(cell: str) -> str:
    text = re.sub(r"\\([\\`*\[\]|])", r"\1", cell.strip())
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
