"""docs/matrix.md: every cell as it was judged, beside what is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.stack.matrix.cells import FAULTS, LENGTHS, PATHS, PROMISES
from tests.stack.matrix.trial import Standing, TrialVerdict

HEAD = """# The matrix: hanging and refusing applications, judged

`make matrix` writes this page. An application asks a store for every answer. gameday breaks the link to
the store: it refuses (`link.down`), hangs (`link.timeout`) or is slow (`link.latency` of 2.5 s), for 9 s
(short; 14 s where it is slow) and for 24 s (long). The application gives the store up after 1 s (`/quick`,
`/stale`), after 10 s (`/patient`, `/late`), or never (`/hang`). Then it answers 503, or 200 with a stale body
(`/stale`, `/late`). A client of the load gives up after 15 s.

A client that shares nothing with gameday asks beside the run and says what the right outcome is
(`tests/stack/matrix/truth.py`). For example: `/late` answers after 10 s, so of a fault of 9 s only a promise
with a shorter time can be judged.

P: PASS, F: FAIL, I: INCONCLUSIVE. A cell that was judged wrong is written as `given, not right`. A cell that
gameday did not judge because the machine was saturated is written as `unknown`; such a scenario runs once
more, and a cell that was judged then has a star.
"""


def document(found: Sequence[TrialVerdict]) -> str:
    """The whole page. Kinds of fault that were not run are left out and named."""
    return HEAD + "".join(_tables(found))


def _tables(found: Sequence[TrialVerdict]) -> Iterator[str]:
    names = [promise.name for promise in PROMISES]
    for fault in FAULTS:
        mine = [one for one in found if one.cell.fault == fault]
        if not mine:
            yield f"\n## {fault}\n\nNot run.\n"
            continue
        yield f"\n## {fault}\n\n| path | fault | {' | '.join(names)} |\n|---|---|{'---|' * len(names)}\n"
        for path in PATHS:
            for length in LENGTHS:
                row = {o.cell.promise.name: o for o in mine if (o.cell.path, o.cell.length) == (path, length)}
                yield f"| `{path}` | {length} | {' | '.join(_word(row.get(name)) for name in names)} |\n"
    yield f"\n{_sum(found)}\n"


def _sum(found: Sequence[TrialVerdict]) -> str:
    number = {standing: sum(one.standing is standing for one in found) for standing in Standing}
    return (
        f"{len(found)} cells: {number[Standing.RIGHT]} were judged right, {number[Standing.WRONG]} wrong, "
        f"and {number[Standing.UNKNOWN]} not at all, because the machine was saturated."
    )


def _word(one: TrialVerdict | None) -> str:
    if one is None:
        return ""
    star = "*" if one.again else ""
    if one.standing is Standing.UNKNOWN:
        return f"unknown{star} (right: {one.right.name[0]})"
    return (
        f"{one.given.name[0]}{star}"
        if one.given is one.right
        else f"{one.given.name}, not {one.right.name}{star}"
    )
