"""What a run was judged, as one line of a table: everything that must stay the same, and no display text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from chaos.model.verdict import Outcome, Verdict
from tests.corpus.archive import HERE

EXPECTED = HERE / "expected.tsv"
HEADER = "name\toutcome\tscore\tcertifiable\tlost (dimension:points:check)"


@dataclass(frozen=True)
class Line:
    """The verdict of one run. ``lost`` holds the sum of each check in each dimension, sorted."""

    name: str
    outcome: Outcome
    score: float | None
    certifiable: bool
    lost: tuple[str, ...]

    def text(self) -> str:
        score = "none" if self.score is None else f"{self.score:.1f}"
        certifiable = "yes" if self.certifiable else "no"
        return "\t".join((self.name, self.outcome, score, certifiable, " ".join(self.lost) or "nothing"))


def line_of(name: str, verdict: Verdict) -> Line:
    """The line of a verdict. Points are those of the total, before any cap, to a tenth."""
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for lost in verdict.score.lost:
        sums[lost.dimension, lost.check] += lost.points
    return Line(
        name,
        verdict.outcome,
        verdict.score.total,
        verdict.score.certifiable,
        tuple(f"{dimension}:{points:.1f}:{check}" for (dimension, check), points in sorted(sums.items())),
    )


def table(lines: Iterable[Line]) -> str:
    """The whole file, as ``expected.tsv`` holds it."""
    return "\n".join((HEADER, *(line.text() for line in lines))) + "\n"


def expected(path: Path = EXPECTED) -> dict[str, str]:
    """Name -> its line, as text."""
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    return {line.partition("\t")[0]: line for line in lines}
