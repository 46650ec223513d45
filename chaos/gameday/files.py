"""Finds the game-day files among a command's arguments. It imports little, because it runs first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chaos.errors import BadInput
from chaos.files import is_file, is_folder, read_file
from chaos.scenario.find import scenario_files, yaml_files
from chaos.scenario.places import read_document


def split_game_days(selectors: Sequence[str], root: Path) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """(game-day files, selectors that may name scenarios). A folder can give both.

    ``selectors``: files or folders, relative to the working directory or to ``root``, or other texts.
    """
    days: list[Path] = []
    rest: list[str] = []
    for selector in selectors:
        places = (Path(selector), root / selector)
        path = next((one for one in places if is_file(one) or is_folder(one)), None)
        if path is None or is_file(path):
            found = [path] if path is not None and is_game_day(path) else []
            rest += [] if found else [selector]
        else:
            found = [one for one in sorted(yaml_files(path)) if is_game_day(one)]
            rest += [] if found and not any(scenario_files(path)) else [selector]
        days += found
    return tuple(dict.fromkeys(days)), tuple(rest)


def is_game_day(path: Path) -> bool:
    """Does the file have the key ``gameday``? False if it cannot be read."""
    try:
        return b"gameday:" in read_file(path) and "gameday" in read_document(path).data
    except (BadInput, OSError):
        return False
