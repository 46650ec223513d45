"""pgBackRest's info files: sections of ``key=json`` lines, closed by a SHA-1 over all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

SEAL = "backrest-checksum"
Sections = Mapping[str, Mapping[str, str]]


def read_sections(text: str) -> dict[str, dict[str, str]]:
    """Section -> key -> raw JSON, without the seal."""
    sections: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("[") and line.endswith("]"):
            current = sections.setdefault(line[1:-1], {})
        elif "=" in line:
            key, _, value = line.partition("=")
            if key != SEAL:
                current[key] = value
    return sections


def seal(sections: Sections) -> str:
    """The SHA-1 of the sections, written as one JSON object without spaces."""
    parts = (
        f'"{name}":{{{",".join(f"{_quoted(key)}:{value}" for key, value in keys.items())}}}'
        for name, keys in sections.items()
    )
    return hashlib.sha1(f"{{{','.join(parts)}}}".encode()).hexdigest()


def write_sections(sections: Sections) -> str:
    """The file's text, sealed anew: pgBackRest takes it for its own."""
    blocks = [
        f"[{name}]\n" + "".join(f"{key}={value}\n" for key, value in keys.items())
        for name, keys in sections.items()
    ]
    return "\n".join([*blocks, f'[backrest]\n{SEAL}="{seal(sections)}"\n'])


def _quoted(key: str) -> str:
    return f'"{key}"'
