"""For ``data: copy``: checks on the disk whether the owner's folders are larger than a run may copy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from chaos.errors import Problem
from chaos.model.owners import MIB, RAISE_COPY_MOST, InPlace, OwnersData, in_place_of, named_as_is, too_large
from chaos.model.stack import Stack
from chaos.scenario.compose import ComposeProject
from chaos.scenario.places import Document

# Most files that are counted: about a second on a cold disk. With more files the size is unknown here, and
# the run refuses the copy while it makes it.
MOST_FILES = 50_000


def too_much_to_copy(
    stack: Stack, root: Path, project: ComposeProject, document: Document, most_files: int = MOST_FILES
) -> Iterator[Problem]:
    """A copy whose folders alone are beyond ``copy_most_mib``. Named volumes are not readable from here, nor
    is a folder of another user: what is found is a lower bound, so nothing that fits is refused.
    """
    if stack.data is not OwnersData.COPY:
        return
    found, sizes = 0, islice(_sizes(_data_folders(stack, root, project)), most_files)
    for folder, size in sizes:
        found += size
        if found > stack.copy_most_mib * MIB:
            loc = ("copy_most_mib",) if "copy_most_mib" in stack.model_fields_set else ("data",)
            yield document.problem(loc, too_large(f"bind {folder}", stack.copy_most_mib), RAISE_COPY_MOST)
            return


def _data_folders(stack: Stack, root: Path, project: ComposeProject) -> list[Path]:
    """The folders that every run copies, without those of services that only start with a profile."""
    as_is = named_as_is(stack.use_as_is, root / stack.compose)
    mounts = [mount for one in project.services.values() if not one.profiles for mount in one.mounts]
    copied = [
        mount.source
        for mount in mounts
        if in_place_of(mount.target, mount.read_only, empty=False) is InPlace.EMPTY
    ]
    return [source for source in dict.fromkeys(copied) if f"bind {source}" not in as_is]


def _sizes(folders: list[Path]) -> Iterator[tuple[Path, int]]:
    """(folder, bytes) of each file. Links are not followed, and a file with several names counts once, as in
    the copy.
    """
    seen: set[tuple[int, int]] = set()
    for folder in folders:
        for parent, _, names in os.walk(folder):
            for name in names:
                try:
                    facts = os.lstat(os.path.join(parent, name))
                except OSError:
                    continue
                first = (facts.st_dev, facts.st_ino) not in seen
                if facts.st_nlink > 1:
                    seen.add((facts.st_dev, facts.st_ino))
                yield folder, facts.st_size if first else 0
