"""The headers of a request in a file."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

# RFC 9110, 5.1 and 5.5: a token, and a value without control characters: a line break would start a new
# header.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"([!-~\x80-\xff]([\t -~\x80-\xff]*[!-~\x80-\xff])?)?")


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError(f"expected the name of a header: letters, digits and dashes, got {text[:60]!r}")
    return text


def _value(text: str) -> str:
    if not _VALUE.fullmatch(text):
        message = "expected the value of a header: one line of Latin letters without outer spaces, got"
        raise ValueError(f"{message} {text[:60]!r}")
    return text


def fits_a_header(text: str) -> bool:
    """May ``text`` be a part of the value of a header?"""
    return not text or _VALUE.fullmatch(text.strip(" \t")) is not None


Headers = dict[Annotated[str, AfterValidator(_name)], Annotated[str, AfterValidator(_value)]]
