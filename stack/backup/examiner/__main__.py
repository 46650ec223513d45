"""Commands of the backup service; each prints JSON lines, facts first, then findings.

    backups examine postgres|redis|pms|all [--quick] [--target TIME]
    backups list [NAME]
    backups spoil postgres|redis|pms HOW FOLDER
    backups structure                  the newest PostgreSQL backup's structure, for expected/structure.txt

Exit code 0: healthy; 1: findings; 2: unknown. SPECIMEN=NAME examines a broken copy of the backups
instead.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TextIO

from examiner.examine import EXAMINERS, Order
from examiner.model import CouldNotTellError
from examiner.restored import examine_restore
from examiner.specimens import spoil

HEALTHY, FINDINGS, COULD_NOT_TELL = 0, 1, 2


def main(words: list[str]) -> int:
    wish = _parser().parse_args(words)
    try:
        match wish.command:
            case "examine":
                return _examine(_names(wish.backup), full=not wish.quick, target=wish.target)
            case "list":
                return _list(_names(wish.backup))
            case "spoil":
                name = wish.how if wish.backup == "postgres" else f"{wish.backup}_{wish.how}"
                _say(str(spoil(_offsite(), wish.folder, name)))
            case "structure":
                _structure()
    except (CouldNotTellError, OSError) as problem:
        _say(f"unknown: {problem}", sys.stderr)
        return COULD_NOT_TELL
    return HEALTHY


def _examine(names: list[str], *, full: bool, target: str | None) -> int:
    offsite = _examined_offsite()
    code = HEALTHY
    for name in names:
        began = time.monotonic()
        instant = target if name == "postgres" else None
        order = Order(offsite, _scratch() / "examine", _max_age(name), full, instant)
        examined = EXAMINERS[name](order)
        for line in [each.as_line() for each in examined.facts] + [
            each.as_line() for each in examined.findings
        ]:
            _say(line)
        seconds = time.monotonic() - began
        _say(f"{name}: {len(examined.findings)} findings in {seconds:.1f} s", sys.stderr)
        code = FINDINGS if examined.findings else code
    return code


def _list(names: list[str]) -> int:
    offsite = _examined_offsite()
    for name in names:
        order = Order(offsite, _scratch() / "examine", _max_age(name), full=False)
        for fact in EXAMINERS[name](order).facts:
            _say(fact.as_line())
    return HEALTHY


def _structure() -> None:
    restored = examine_restore(_scratch() / "structure", _offsite() / "pgbackrest")
    if restored.trouble:
        raise CouldNotTellError(restored.trouble[1])
    if not restored.structure:
        raise CouldNotTellError("the copy can't be asked for its structure")
    for line in sorted(restored.structure):
        _say(line)


def _examined_offsite() -> Path:
    """The off-site storage, or a broken copy of it when SPECIMEN names one. Made anew each time."""
    specimen = os.environ.get("SPECIMEN", "")
    if not specimen:
        return _offsite()
    _say(f"examining the specimen {specimen}", sys.stderr)
    return spoil(_offsite(), _scratch() / "specimen", specimen)


def _say(line: str, stream: TextIO | None = None) -> None:
    """One line to stdout, or to ``stream``, with its newline in the same write.

    Both streams may end in one pipe, and an unbuffered one passes on every write at once: print() writes the
    newline by itself, and a line of the other stream can come between.
    """
    into = stream or sys.stdout
    into.write(f"{line}\n")
    into.flush()


def _names(wish: str) -> list[str]:
    return list(EXAMINERS) if wish == "all" else [wish]


def _offsite() -> Path:
    return Path(os.environ.get("OFFSITE", "/offsite"))


def _scratch() -> Path:
    return Path(os.environ.get("SCRATCH", "/scratch"))


def _max_age(name: str) -> float:
    variable = f"{name.upper()}_MAX_AGE_SECONDS"
    try:
        return float(os.environ[variable])
    except (KeyError, ValueError):
        raise CouldNotTellError(f"{variable} must say how old a backup may be, in seconds") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="backups", description=__doc__.splitlines()[0] if __doc__ else None)
    commands = parser.add_subparsers(dest="command", required=True)
    examine = commands.add_parser("examine", help="list, verify, age; and restore, unless --quick")
    examine.add_argument("backup", choices=[*EXAMINERS, "all"])
    examine.add_argument("--quick", action="store_true", help="read only, restore nothing")
    examine.add_argument("--target", help="recover PostgreSQL to this instant")
    listing = commands.add_parser("list", help="the backups that are there")
    listing.add_argument("backup", choices=[*EXAMINERS, "all"], nargs="?", default="all")
    breaking = commands.add_parser("spoil", help="a broken copy of the off-site storage")
    breaking.add_argument("backup", choices=list(EXAMINERS))
    breaking.add_argument("how")
    breaking.add_argument("folder", type=Path)
    commands.add_parser("structure", help="what expected/structure.txt should hold")
    return parser


def run() -> None:
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    run()
