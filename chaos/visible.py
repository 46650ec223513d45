"""Makes texts safe for a terminal and for the log of a CI server. Every text must pass through it.

Names, container output and HTTP bodies may contain anything: sequences that clear the screen or hide a line,
characters that reverse the direction of a text, and lines that a CI server takes for a command.
"""

from __future__ import annotations

import re
import unicodedata

_KEPT = "\n\t"
_INVISIBLE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))  # and separators of lines
# ``::error::`` (GitHub, at the beginning of a line), ``##[error]`` (GitHub and Azure, anywhere),
# ``##vso[...]`` (Azure), ``##teamcity[...]`` (TeamCity).
_AT_BEGINNING = re.compile(r"^([^\S\n]*):(?=:)", re.MULTILINE)
_ANYWHERE = re.compile(r"#(?=#(?:\[|vso\[|teamcity\[))", re.IGNORECASE)


def visible(text: str) -> str:
    r"""``text`` with every invisible character as an escape (``\u001b``), and no command for a CI server.

    Line breaks and tabs stay. The escapes are those of JSON, so that a JSON text keeps its value.
    """
    shown = text if text.isascii() and text.isprintable() else "".join(map(_shown, text))
    return _ANYWHERE.sub(r"\\u0023", _AT_BEGINNING.sub(r"\1\\u003a", shown))


def one_line(text: str) -> str:
    """``visible``, with line breaks as escapes too, for a name within a line."""
    return visible(text).replace("\n", "\\n")


def _shown(letter: str) -> str:
    if letter in _KEPT or unicodedata.category(letter) not in _INVISIBLE:
        return letter
    units = letter.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
