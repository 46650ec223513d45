"""What can still be said of an entry that is partly wrong: every name in it that is right to look up.

Without it a file with a wrong duration and an unknown service would be refused twice, for one at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from chaos.scenario.places import Loc

M = TypeVar("M", bound=BaseModel)

STAND_IN = "777ms"
"""Stands for a value that could not be read. It is both a duration and a text, and no file contains it."""

_CANDIDATES: tuple[object, ...] = (STAND_IN, 1, 200, [STAND_IN], {})


def half_read(model: type[M], entry: object) -> M | None:
    """``entry`` with a stand-in for each value that is wrong or missing, and without keys that are unknown.

    None where no stand-in makes it valid. Names of the value that hold ``STAND_IN`` were not written by
    anybody, and nothing that depends on a length may be concluded from it.
    """
    if not isinstance(entry, dict):
        return None
    for candidate in _CANDIDATES:
        attempt = deepcopy(entry)
        for _ in range(2):  # what is right only once something else is: a missing key of a repaired entry
            try:
                return model.model_validate(attempt)
            except ValidationError as error:
                for loc, unknown in _wrong(error):
                    _replace(attempt, loc, candidate, unknown)
    return None


def written(names: Iterable[str]) -> Iterator[str]:
    """Those names that are in the file."""
    return (name for name in names if STAND_IN not in name)


def _wrong(error: ValidationError) -> Iterator[tuple[Loc, bool]]:
    """(place, is it an unknown key) of each problem."""
    for detail in error.errors(include_url=False, include_context=False):
        yield detail["loc"], detail["type"] == "extra_forbidden"


def _replace(entry: dict[str, object], loc: Loc, value: object, unknown: bool) -> None:
    here: object = entry
    for place, part in enumerate(loc):
        last = place == len(loc) - 1
        if isinstance(here, dict) and isinstance(part, str):
            inner = here.get(part)
            if last and unknown:
                here.pop(part, None)
            elif last or not isinstance(inner, dict | list):
                here[part] = value
                return
            here = inner
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            if last or not isinstance(here[part], dict | list):
                here[part] = value
                return
            here = here[part]
