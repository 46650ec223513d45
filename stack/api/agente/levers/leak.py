"""Memory that is kept for nothing: what a leak looks like from outside."""

from __future__ import annotations

import os
from pathlib import Path

PAGE = 4096


def resident() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Leak:
    """Grows while it is on; `clear` gives everything back."""

    def __init__(self) -> None:
        self._kept: list[bytearray] = []

    def keep(self, size: int) -> None:
        """`size` bytes more. Each page is written to: memory that was never touched is not used."""
        block = bytearray(size)
        block[::PAGE] = b"x" * len(range(0, size, PAGE))
        self._kept.append(block)

    @property
    def size(self) -> int:
        """Bytes kept."""
        return sum(len(block) for block in self._kept)

    def clear(self) -> None:
        self._kept.clear()
