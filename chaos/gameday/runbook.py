"""The steps of a runbook in Markdown, to tick off: its bold paragraphs and its numbered headings."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BOLD = re.compile(r"\*\*(?P<title>[^*\n]{1,200}?)\.?\*\*\s*")
_NUMBERED = re.compile(r"#{2,4}\s+(?P<title>\d+\.\s+.+)")
# Paragraphs that describe and ask for nothing.
_DESCRIPTIONS = frozenset({"symptoms", "detection", "impact", "post-incident"})


@dataclass(frozen=True)
class RunbookStep:
    """``number`` counts from 1; ``body`` is Markdown, to be shown as text. ``numbered``: it belongs to a
    procedure of the runbook, which is for some cases only.
    """

    number: int
    title: str
    body: str
    numbered: bool = False


def runbook_steps(text: str) -> tuple[RunbookStep, ...]:
    """Every step, in order. Empty for a runbook without bold paragraphs or numbered headings."""
    found: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        match = _BOLD.match(line) or _NUMBERED.match(line)
        if match:
            found.append((match["title"].strip(), [line[match.end() :].strip()]))
        elif line.startswith(("## ", "<!--")):
            found.append(("", []))  # ends the step before it
        elif found:
            found[-1][1].append(line)
    steps = [(title, body) for title, body in found if title and title.lower() not in _DESCRIPTIONS]
    return tuple(
        RunbookStep(number, title, "\n".join(body).strip(), title[:1].isdigit())
        for number, (title, body) in enumerate(steps, 1)
    )
