"""``python -m tests.stack.matrix``: every cell on real containers; the table goes to docs/matrix.md.

The cells of each kind of fault are kept in a file as its run ends, and its run folders beside it. ``--fault
hang`` runs one kind only, and the table then shows the others as they were run last.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.stack.harness import ROOT
from tests.stack.matrix.cells import FAULTS
from tests.stack.matrix.table import document
from tests.stack.matrix.trial import Standing, TrialVerdict, judged_cells

PAGE = ROOT / "docs" / "matrix.md"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.stack.matrix", description=__doc__)
    parser.add_argument("--fault", choices=list(FAULTS), action="append", help="of this kind only")
    parser.add_argument("--results", type=Path, default=ROOT / "reports" / "matrix.jsonl")
    parser.add_argument(
        "--runs", type=Path, default=ROOT / "reports" / "matrix", help="where the runs are kept"
    )
    given = parser.parse_args()
    for fault in given.fault or list(FAULTS):
        shutil.rmtree(given.runs / fault, ignore_errors=True)
        cells = judged_cells(fault, given.runs / fault)
        _report(fault, cells)
        _keep(given.results, [one for one in _kept(given.results) if one.cell.fault != fault] + list(cells))
    found = _kept(given.results)
    PAGE.write_text(document(found), encoding="utf-8")
    return 0 if all(one.standing is Standing.RIGHT for one in found) else 1


def _report(fault: str, cells: Sequence[TrialVerdict]) -> None:
    off = [one for one in cells if one.standing is not Standing.RIGHT]
    print(f"{fault}: {len(cells)} cells, {len(off)} not judged right", flush=True)
    for one in off:
        print(f"  {one.standing}: {one.cell.subject}: {one.given}, right is {one.right}: {one.actual}")


def _kept(path: Path) -> list[TrialVerdict]:
    if not path.exists():
        return []
    return [TrialVerdict.model_validate_json(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _keep(path: Path, cells: Sequence[TrialVerdict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{one.model_dump_json()}\n" for one in cells), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
