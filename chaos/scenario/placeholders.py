"""``$names`` inside the values of a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Template

_PLACEHOLDER = re.compile(r"\$(?:\$|\{?([A-Za-z_][A-Za-z0-9_]*))")  # $$ is a dollar sign


def placeholders(value: object) -> set[str]:
    """The name of every placeholder."""
    return {word for text in texts(value) for word in _PLACEHOLDER.findall(text) if word}


def stray(value: object) -> list[str]:
    """Texts with a dollar sign that does not begin a placeholder."""
    return [text for text in texts(value) if not Template(text).is_valid()]


def texts(value: object) -> Iterator[str]:
    """Every text inside a value of a file."""
    if isinstance(value, str):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in inner:
        yield from texts(part)
