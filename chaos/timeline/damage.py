"""What is wrong with a recording."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Damage:
    """One thing that is wrong with one file of a run folder.

    ``file``: its name, one of ``chaos.model.run_files``. It decides which results rest on what is damaged.
    ``what``: what is wrong, for people.
    """

    file: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what}"


def damages(file: str, found: Iterable[str]) -> tuple[Damage, ...]:
    """Each of these texts as a damage of ``file``."""
    return tuple(Damage(file, what) for what in found)
