"""One operator tried on one run: the verdicts before and after, and whether the property holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from chaos.errors import GamedayError
from chaos.journal import load_recording
from chaos.model.verdict import Outcome, Verdict
from chaos.verdict import judge
from tests.corpus.archive import unpack
from tests.metamorphic.files import Files, read_files, write_files
from tests.metamorphic.operators import Operator

REFUSED = "refused"  # the recording could not be read: no verdict, and an exit code that says so


@dataclass(frozen=True)
class Trial:
    """``changed`` names the checks whose outcome differs, as ``check: outcome -> outcome``."""

    operator: str
    run: str
    seed: int
    before: str
    after: str
    changed: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """PASS was not earned by the change, and no FAIL was made by it."""
        earned = self.before != Outcome.PASS and self.after == Outcome.PASS
        blamed = self.before == Outcome.PASS and self.after == Outcome.FAIL
        return not (earned or blamed)

    def __str__(self) -> str:
        words = ", ".join(self.changed) or "no check differs"
        return f"{self.operator} | {self.run} | seed {self.seed} | {self.before} -> {self.after} | {words}"


def trial(operator: Operator, run: str, seed: int) -> Trial | None:
    """None where the operator changed nothing in this run."""
    files, before = original(run)
    changed = operator.change(Random(f"{operator.name} {run} {seed}"), files)
    if changed is None or changed == files:
        return None
    after = _judged(changed)
    return Trial(operator.name, run, seed, _outcome(before), _outcome(after), _differences(before, after))


def trials(operators: Iterable[Operator], runs: Iterable[str], seeds: int) -> Iterator[Trial]:
    """Every operator on every run, with seeds from 0 on."""
    for operator in operators:
        for run in runs:
            for seed in range(seeds):
                found = trial(operator, run, seed)
                if found is not None:
                    yield found


@cache
def original(run: str) -> tuple[Files, Verdict | None]:
    """The run as its files are read here, and its verdict: a run that is only parsed and written again must
    not differ from the changed ones by that.
    """
    with TemporaryDirectory() as folder:
        files = read_files(unpack(run, Path(folder)))
    return files, _judged(files)


def _judged(files: Files) -> Verdict | None:
    with TemporaryDirectory() as folder:
        try:
            return judge(load_recording(write_files(files, Path(folder) / "run-000000")))
        except GamedayError:
            return None


def _outcome(verdict: Verdict | None) -> str:
    return REFUSED if verdict is None else verdict.outcome


def _differences(before: Verdict | None, after: Verdict | None) -> tuple[str, ...]:
    if before is None or after is None:
        return ()
    counts: list[tuple[str, str]] = []
    for one, other in zip(before.checks, after.checks, strict=False):
        if one.outcome is not other.outcome:
            counts.append((one.check, f"{one.outcome} -> {other.outcome}"))
    return tuple(f"{check}: {words}" for check, words in dict.fromkeys(counts))
