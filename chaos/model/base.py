"""The base of every value that is read from a file or written to one."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

_NOT_A_PATH = r"^([^./\\\x00-\x1f][^/\\\x00-\x1f]*)?\z"


class Frozen(BaseModel):
    """Immutable, and strict about keys: an unknown key would be an expectation that is never checked."""

    # defer_build: a command uses few of the models; each is built when it is first used.
    model_config = ConfigDict(
        defer_build=True, frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True
    )


LAST_INSTANT = 32_503_680_000.0  # the year 3000, which no clock of a run shows; every calendar has it
Instant = Annotated[float, Field(ge=-LAST_INSTANT, le=LAST_INSTANT, allow_inf_nan=False)]
"""Seconds since the epoch. A file may hold any number; beyond these no date can be made of it."""

# The name of a folder beside another one, or "": joined to a path it stays in that folder, whoever wrote
# the file that it was read from.
FolderName = Annotated[str, StringConstraints(pattern=_NOT_A_PATH, max_length=255)]
