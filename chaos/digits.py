"""Whole numbers in text from outside: ``int`` takes digits of every script, and refuses very many of them."""

from __future__ import annotations

LAST_PORT = 65_535


def whole(text: str, most: int) -> int | None:
    """The number from 0 to ``most`` that stands in ASCII digits; None for anything else."""
    shortest = text.lstrip("0")
    if not (text.isascii() and text.isdigit() and len(shortest) <= len(str(most))):
        return None
    number = int(shortest or "0")
    return number if number <= most else None


def port(text: str) -> int | None:
    """A port from 1 to 65,535; None for anything else."""
    return whole(text, LAST_PORT) or None
