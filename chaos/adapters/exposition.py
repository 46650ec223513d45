"""Reads counters from Prometheus's text format, as servers expose them under /metrics."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

_LINE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$")
_LABEL = re.compile(r'(?<!\w)(\w+)="((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
_MEANING = {"n": "\n"}


@dataclass(frozen=True)
class ExposedSample:
    """One sample of one series."""

    name: str
    labels: Mapping[str, str]
    value: float


def exposed(text: str, names: Collection[str]) -> Iterator[ExposedSample]:
    """The samples of the metrics with these ``names``; ignores other lines. ValueError if a value is not a
    number.
    """
    for line in text.splitlines():
        if line.startswith(tuple(names)) and (found := _LINE.match(line)) and found[1] in names:
            labels = {name: _unescaped(value) for name, value in _LABEL.findall(found[2] or "")}
            yield ExposedSample(found[1], labels, float(found[3]))


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda match: _MEANING.get(match[1], match[1]), value)
