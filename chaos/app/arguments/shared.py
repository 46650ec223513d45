"""Arguments that several commands have."""

from __future__ import annotations

import argparse
import errno
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from chaos import digits
from chaos.app.command_context import CommandContext
from chaos.errors import BadInput, ExitCode, Problem
from chaos.files import is_device, is_folder
from chaos.timing import FASTEST_PACE, SLOWEST_PACE

Command = Callable[[argparse.Namespace, CommandContext], ExitCode]
AddVerb: TypeAlias = Callable[[str, Command, str], argparse.ArgumentParser]
DEFAULT_PACE = 20.0
MOST_JOBS = 16
FOLDERS_WRITTEN = ("reports", "into", "post_mortems")  # names of arguments
FILES_WRITTEN = ("out", "junit")
_FOLDER_MADE = ("junit",)  # files whose folder gameday makes
_NEVER = (errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR)
_LARGEST = 1_000_000_000  # for a number without its own limit
_LONGEST = 60  # characters of a wrong number that a message shows
_LONGEST_PATH = 3500  # bytes; systems take 4096, and most commands add names to it
_HALF = re.compile("[\ud800-\udfff]")  # how Python hands over bytes that are not UTF-8
JOBS_HELP = "stacks that run at once; auto: as many as this machine can carry (default 1)"


def selectors_argument(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("selectors", nargs="+", metavar="SCENARIO", help="scenario file, folder, or tag")


def reports_argument(verb: argparse.ArgumentParser, what: str = "folder of the run folders") -> None:
    verb.add_argument("--reports", type=Path, default=Path("reports"), help=what)


def post_mortems_argument(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--post-mortems",
        type=Path,
        default=Path("docs/post-mortems"),
        metavar="FOLDER",
        help="folder of the post-mortems (default docs/post-mortems)",
    )


def regression_argument(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--fail-on-regression",
        action="store_true",
        help="also exit 1 if a run is worse than earlier ones (see gate)",
    )


def unsealed_argument(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--unsealed",
        action="store_true",
        help="also read a folder that was changed since it was sealed (default: refuse it, exit code 2)",
    )


def sign_key_argument(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--sign-key",
        type=Path,
        metavar="FILE",
        help="sign the evidence: Ed25519 private key, PEM (default: what GAMEDAY_SIGN_KEY_FILE names)",
    )


def pace_and_env_arguments(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--pace",
        type=pace_of,
        default=DEFAULT_PACE,
        help=f"how much policy time is compressed; 1 is production time (default {DEFAULT_PACE:g})",
    )
    verb.add_argument(
        "--env",
        action="append",
        default=[],
        metavar="[SERVICE.]VARIABLE=VALUE",
        help="set a variable of the stack's apps",
    )


def rerun_argument(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--rerun-inconclusive",
        action="store_true",
        help="run a scenario once more, alone and after the others, if its run is INCONCLUSIVE and this "
        "machine was too busy; a FAIL is never run again",
    )


def whole_number(most: int | None = None, least: int = 1) -> Callable[[str], int]:
    """Reads a whole number from ``least`` to ``most``."""
    expected = f"expected a whole number from {least}" + (f" to {most}" if most is not None else "")

    def read(text: str) -> int:
        number = digits.whole(text, _LARGEST if most is None else most)
        if number is None or number < least:
            raise argparse.ArgumentTypeError(f"{expected}, got {text[:_LONGEST]!r}")
        return number

    return read


def jobs_of(text: str) -> int | None:
    """None: as many as the machine can carry."""
    return None if text == "auto" else whole_number(MOST_JOBS)(text)


def pace_of(text: str) -> float:
    try:
        pace = float(text)
    except ValueError:
        pace = 0.0
    if not SLOWEST_PACE <= pace <= FASTEST_PACE:
        expected = f"a number from {SLOWEST_PACE:g} (production time) to {FASTEST_PACE:g}"
        raise argparse.ArgumentTypeError(f"expected {expected}, got {text!r}")
    return pace


def refuse_impossible_paths(arguments: argparse.Namespace) -> None:
    """Raises ``BadInput`` for words that are not UTF-8, which no file of gameday can hold; for a path that is
    too long or is a symbolic link to itself; for an output folder that is not a folder; and for an output
    file that cannot be a file.

    Every command calls this once: most calls on such a word or path would raise.
    """
    for name, value in vars(arguments).items():
        for path in value if isinstance(value, list | tuple) else (value,):
            if isinstance(path, str | Path) and _HALF.search(str(path)):
                shown = os.fsencode(path)[:80].decode("utf-8", "backslashreplace")
                raise BadInput([Problem.about(f"'{shown}'", "not UTF-8 text", "type or rename it in UTF-8")])
            if not isinstance(path, Path):
                continue
            why = _impossible(path)
            if not why and name in FOLDERS_WRITTEN and os.path.lexists(path) and not is_folder(path):
                why = "expected a folder"
            if not why and name in FILES_WRITTEN:
                why = _no_file_to_write(path, name not in _FOLDER_MADE)
            if why:
                raise BadInput([Problem.about(f"{str(path)[:80]!r}", why, "check the path")])


def _no_file_to_write(path: Path, needs_folder: bool) -> str:
    if is_folder(path) or is_device(path):
        return "expected the name of a file"
    if needs_folder and not is_folder(path.parent):
        return "expected a file in a folder that exists"
    may_write = os.access(path.parent, os.W_OK) or not os.path.lexists(path.parent)
    return "" if may_write else "this user may not write in its folder"


def refuse_lone_dashes(words: Sequence[str]) -> None:
    """Raises ``BadInput`` for ``--option=--``: argparse drops the dashes, and the option has no value."""
    for word in words:
        if word.startswith("--") and word.endswith("=--"):
            raise BadInput([Problem.about(word, "expected a value after =", "see --help")])


def _impossible(path: Path) -> str:
    if len(os.fsencode(path)) > _LONGEST_PATH:
        return os.strerror(errno.ENAMETOOLONG)
    try:
        os.stat(path)
    except ValueError as error:  # a NUL in it
        return str(error)
    except OSError as error:
        return os.strerror(error.errno) if error.errno in _NEVER else ""
    return ""
