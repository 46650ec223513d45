"""What a fuzzer's bytes make of a file: other bytes at a place, or another value for one of its values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

VALUES = (
    *(b"null", b"true", b"[]", b"{}", b'""', b"0", b"-1", b"1e308", b"-1e308", b"NaN", b"Infinity", b"1e999"),
    *(b"9" * 19, b"9" * 400, b"9" * 5000, b'"\\u0000"', b'"\\ud800"', b'"\x1b[2J\\n::error::x"', b"[" * 500),
    *(b"[" * 90 + b"]" * 90, b'"' + b"x" * 5000 + b'"', b'"../../x"', b'"999999999h"', b"1.5", b'"-> -> ->"'),
)
_VALUE = re.compile(rb'"(?:\\.|[^"\\\n])*"|[\w.+-]+')
_REPLACE_VALUE, _REPLACE_ALL = 0, 1  # what byte 1 asks for; anything else puts bytes in place


def mutated(kept: bytes, data: bytes) -> bytes:
    """``kept`` as bytes 1 and on of ``data`` say: how, where (two bytes), and what."""
    how, at, rest = data[1] % 3, int.from_bytes(data[2:4], "big"), data[4:]
    if how == _REPLACE_ALL:
        return rest
    if how == _REPLACE_VALUE:
        places = list(_VALUE.finditer(kept))
        if places and rest:
            place = places[at % len(places)]
            return kept[: place.start()] + VALUES[rest[0] % len(VALUES)] + kept[place.end() :]
    start = at % (len(kept) + 1)
    return kept[:start] + rest + kept[start + len(rest) :]


def seeds(files: int) -> list[bytes]:
    """Inputs to begin with: every hostile value somewhere in every file, and nesting without end."""
    places = [(7 * number) % 251 for number in range(len(VALUES))]
    found = [bytes((file, 0, 0, place, value)) for file in range(files) for value, place in enumerate(places)]
    nested = (b"[", b"{a: ", b"? ", b"- ", b'{"a":', b"a: [")
    return found + [bytes((file, 1, 0, 0)) + opened * 2000 for file in range(files) for opened in nested]


def write_seeds(arguments: Sequence[str], files: int) -> None:
    """Put the seeds into the folder of the corpus that libFuzzer is given; none for a single file."""
    folders = [Path(argument) for argument in arguments[1:] if Path(argument).is_dir()]
    for folder in folders:
        for number, seed in enumerate(seeds(files)):
            (folder / f"seed-{number:04}").write_bytes(seed)
