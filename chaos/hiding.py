"""Secrets: which values are hidden, and how a text is freed of them."""

from __future__ import annotations

from collections.abc import Iterable

HIDDEN = "[redacted]"
SHORTEST = 4  # characters; a shorter value would tear holes into words that have nothing to do with it


def hideable(values: Iterable[str]) -> tuple[str, ...]:
    """Those long enough to be looked for in a text; longest first, or a short one would leave the rest of a
    long one standing.
    """
    return tuple(sorted({value for value in values if len(value) >= SHORTEST}, key=lambda v: (-len(v), v)))


def redact(text: str, secrets: Iterable[str], mask: str = HIDDEN) -> str:
    """``text`` without any of the values."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, mask)
    return text
