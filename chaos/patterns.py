"""Regular expressions from users, applied to the output of other programs.

RE2 needs time in proportion to the length of the text. With Python's ``re``, a pattern such as ``(a+)+$``
needs exponential time: forty letters would block the run, its deadlines and its undo. Prometheus uses RE2
syntax in its matchers too.
"""

from __future__ import annotations

from functools import lru_cache

import re2

SYNTAX = r"write RE2 syntax: no look-around, no back references, and \z for the end of the text"


class PatternError(ValueError):
    """The text is not a regular expression in RE2 syntax. The message says what is wrong."""


class Pattern:
    """One compiled expression. ``lines``: ``^`` and ``$`` match at each line. ``dot_all``: ``.`` also
    matches a line break.

    Raises ``PatternError``, also for a look-ahead, a look-behind or a back reference: RE2 has none.
    """

    def __init__(self, text: str, *, lines: bool = False, dot_all: bool = False) -> None:
        flags = ("m" if lines else "") + ("s" if dot_all else "")
        options = re2.Options()
        options.log_errors = False
        try:
            self._compiled = re2.compile(f"(?{flags}){text}" if flags else text, options)
        except (re2.error, UnicodeEncodeError) as error:
            raise PatternError(f"{_words(error)} ({SYNTAX})") from error

    def found_in(self, text: str) -> bool:
        """Does it match anywhere in ``text``?"""
        return self._compiled.search(_encodable(text)) is not None

    def is_all_of(self, text: str) -> bool:
        """Does it match ``text`` from its beginning to its end?"""
        return self._compiled.fullmatch(_encodable(text)) is not None


@lru_cache(maxsize=512)
def pattern(text: str, *, lines: bool = False, dot_all: bool = False) -> Pattern:
    """The compiled expression, from a cache of 512. Raises ``PatternError``."""
    return Pattern(text, lines=lines, dot_all=dot_all)


def _encodable(text: str) -> str:
    """``text`` without lone surrogates: RE2 reads UTF-8, which cannot encode them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _words(error: Exception) -> str:
    what = error.args[0] if error.args else error
    return what.decode("utf-8", "replace") if isinstance(what, bytes) else str(error)
