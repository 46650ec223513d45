"""Suggests a known word for an unknown one, which is most often a typo."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most similar to ``word``; None if no word is similar enough."""
    import difflib  # slow to import, and needed only where a word is unknown

    by_fold = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None


def known_words(word: str, known: Iterable[str]) -> str:
    """What to write instead, for a message: ``did you mean 'api'?``, or every known word."""
    names = sorted(set(known))
    near = nearest(word, names)
    if near is not None:
        return f"did you mean {near!r}?"
    return f"known: {', '.join(names)}" if names else "there are none"
