"""Where probes write to in tests: everything, or the events of one class."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def only(kind: type[T], written: list[T]) -> Callable[[object], None]:
    """A writer that keeps events of ``kind`` in ``written`` and drops the others."""

    def write(event: object) -> None:
        if isinstance(event, kind):
            written.append(event)

    return write
