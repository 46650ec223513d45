"""Secrets: which values are hidden, and how they are removed from a text."""

from __future__ import annotations

from collections.abc import Iterable

HIDDEN = "[redacted]"
SHORTEST = 4  # characters; a shorter value would also be removed from unrelated words


def hideable(values: Iterable[str]) -> tuple[str, ...]:
    """The values that are long enough to be removed, the longest first.

    In another order a short value would be removed from a long one and leave the rest of it readable.
    """
    return tuple(sorted({value for value in values if len(value) >= SHORTEST}, key=lambda v: (-len(v), v)))


def redact(text: str, secrets: Iterable[str], mask: str = HIDDEN) -> str:
    """``text`` with ``mask`` in place of every secret."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, mask)
    return text
