"""The base of every value that is read from a file or written to one."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

_NOT_A_PATH = r"^([^./\\\x00-\x1f][^/\\\x00-\x1f]*)?\z"


class Frozen(BaseModel):
    """Immutable. An unknown key is an error: otherwise a typo could disable an expectation silently."""

    # defer_build: a command uses few of the models; each is built when it is first used.
    model_config = ConfigDict(
        defer_build=True, frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True
    )


LAST_INSTANT = 32_503_680_000.0  # the year 3000: no run is later, and every date library can show it
Instant = Annotated[float, Field(ge=-LAST_INSTANT, le=LAST_INSTANT, allow_inf_nan=False)]
"""Seconds since the epoch, up to the year 3000 in either direction, so that a date can be made of it."""

# The name of a folder inside a known folder, or "". A damaged or hostile file cannot use it to name a path
# outside that folder.
FolderName = Annotated[str, StringConstraints(pattern=_NOT_A_PATH, max_length=255)]


def is_folder_name(name: str) -> bool:
    """May a file of gameday hold ``name`` as that of a folder? A name with a line break may not."""
    try:
        TypeAdapter(FolderName).validate_python(name)
    except ValidationError:
        return False
    return True
