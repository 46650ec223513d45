"""Finds words that blame a person. The incident guide asks for blameless post-mortems."""

from __future__ import annotations

import re

from chaos.model.base import Frozen

_ADVICE = "say what the system allowed, or what information was missing"
_WORDS = re.compile(
    r"\b(?:human error|operator error|user error|careless\w*|negligen\w*|incompeten\w*|stupid\w*"
    r"|sloppy|blame[ds]?|blaming|culprit|guilty|should have known|should have (?:noticed|checked|seen)"
    r"|ought to have known|forgot|neglected to|did not bother|failed to (?:follow|notice|check|read|react)"
    r"|(?:his|her|their|your|whose) (?:fault|mistake))\b",
    re.IGNORECASE,
)


class Blame(Frozen):
    """One place that blames a person. Line and column count from 1."""

    line: int
    column: int
    words: str
    advice: str = _ADVICE


def blame_in(text: str) -> tuple[Blame, ...]:
    """Every place that blames a person, in order. It finds common English phrases only."""
    return tuple(
        Blame(line=number, column=found.start() + 1, words=found.group())
        for number, line in enumerate(text.splitlines(), 1)
        for found in _WORDS.finditer(line)
    )
