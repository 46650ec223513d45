"""``python -m tests.stack.matrix``: every cell on real containers; the table goes to docs/matrix.md."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.stack.harness import ROOT
from tests.stack.matrix.cells import FAULTS, LENGTHS, PATHS, PROMISES
from tests.stack.matrix.trial import TrialVerdict, run_matrix

PAGE = ROOT / "docs" / "matrix.md"
HEAD = """# The matrix: hanging and refusing applications, judged

`make matrix` writes this page. An application asks a store for every answer. gameday breaks the link to
the store: it refuses (`link.down`), hangs (`link.timeout`) or is slow (`link.latency` of 2.5 s), for 9 s
(short) and for 24 s (long). The application gives the store up after 1 s (`/quick`, `/stale`), after 10 s
(`/patient`, `/late`), or never (`/hang`). Then it answers 503, or 200 with a stale body (`/stale`, `/late`).
A client of the load gives up after 15 s.

A client that shares nothing with gameday asks beside the run and says what the right outcome is
(`tests/stack/matrix/truth.py`). For example: `/late` answers after 10 s, so of a fault of 9 s only a promise
with a shorter time can be judged.

P: PASS, F: FAIL, I: INCONCLUSIVE. A cell that was judged wrong is written as `given, not right`.
"""


def main() -> int:
    found: list[TrialVerdict] = []
    with tempfile.TemporaryDirectory() as folder:
        for fault in FAULTS:
            found += run_matrix(fault, Path(folder))
            wrong = [one for one in found if one.cell.fault == fault and one.wrong]
            print(f"{fault}: {len([o for o in found if o.cell.fault == fault])} cells, {len(wrong)} wrong")
            for one in wrong:
                print(f"  {one.cell.subject}: {one.given}, right is {one.right}: {one.actual}")
    PAGE.write_text(HEAD + "".join(_tables(found)))
    return 1 if any(one.wrong for one in found) else 0


def _tables(found: Sequence[TrialVerdict]) -> Iterator[str]:
    names = [promise.name for promise in PROMISES]
    for fault in FAULTS:
        yield f"\n## {fault}\n\n| path | fault | {' | '.join(names)} |\n|---|---|{'---|' * len(names)}\n"
        for path in PATHS:
            for length in LENGTHS:
                row = {
                    o.cell.promise.name: o
                    for o in found
                    if (o.cell.fault, o.cell.path, o.cell.length) == (fault, path, length)
                }
                yield f"| `{path}` | {length} | {' | '.join(_word(row.get(name)) for name in names)} |\n"
    right = sum(one.given is one.right for one in found)
    yield f"\n{right} of {len(found)} cells are judged right.\n"


def _place(one: TrialVerdict) -> tuple[str, str, str]:
    return one.cell.fault, one.cell.path, one.cell.length


def _word(one: TrialVerdict | None) -> str:
    if one is None:
        return ""
    return one.given.name[0] if one.given is one.right else f"{one.given.name}, not {one.right.name}"


if __name__ == "__main__":
    sys.exit(main())
