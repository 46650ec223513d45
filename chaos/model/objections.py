"""What is wrong with the parameters of a kind, before a run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from chaos.suggestions import known_words

Where = tuple[str | int, ...]
"""Below the entry: a parameter, an index, ...; () is the entry itself."""


class Objection(NamedTuple):
    """One problem with the parameters of a kind."""

    where: Where
    message: str  # what is wrong, and what was expected
    fix: str  # what to do about it


class UnknownName(Objection):
    """A name that does not exist. It is reported even if other parts of the entry could not be read."""

    __slots__ = ()

    @classmethod
    def of(cls, where: Where, what: str, name: str, known: Iterable[str]) -> UnknownName:
        """``what``: kind of thing, such as ``alert``. ``known``: the names that exist."""
        return cls(where, f"unknown {what} {name!r}", known_words(name, known))
