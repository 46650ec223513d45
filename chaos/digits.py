"""Reads whole numbers in text from outside.

``int`` would accept digits of every script, and raise an error for more than 4300 of them.
"""

from __future__ import annotations

LAST_PORT = 65_535


def whole(text: str, most: int) -> int | None:
    """The number that ``text`` spells in ASCII digits, if it is from 0 to ``most``; otherwise None."""
    shortest = text.lstrip("0")
    if not (text.isascii() and text.isdigit() and len(shortest) <= len(str(most))):
        return None
    number = int(shortest or "0")
    return number if number <= most else None


def port(text: str) -> int | None:
    """A port from 1 to 65,535; None for anything else."""
    return whole(text, LAST_PORT) or None
