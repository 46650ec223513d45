"""For each scenario of the suites: a run that passed, and a run of a broken variant that failed.

``python -m tests.corpus keep RUN_FOLDER...`` keeps such runs; ``python -m tests.corpus suites`` writes
``docs/scenario-defects.md`` from them. A kept run is named after its scenario; after ``@`` comes the broken
variant, DEFECT of the API.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chaos.journal import load_recording
from chaos.model.verdict import CheckResult, Outcome, Verdict
from chaos.timeline.recording import Recording
from chaos.verdict import judge
from tests.corpus.archive import HERE, names, pack, recording
from tests.stack.sample import all_scenarios

KEPT = HERE / "suites"
ROOT = HERE.parents[1]
PAGE = ROOT / "docs" / "scenario-defects.md"
HEAD = """# What each scenario catches

`python -m tests.corpus suites` writes this page from kept runs at pace {pace}. Each scenario has a run on
the stack as it is, and a run on a stack that was started with a `DEFECT` (see
[the broken variants](../stack/README.md#broken-variants)). CI judges all of them again
(`tests/unit/verdict/test_suites.py`).

| scenario | time | outcome | score | with the defect | outcome | score | what failed first |
|---|---|---|---|---|---|---|---|
"""


class NotToKeepError(Exception):
    """The run shows neither a sound stack that passes nor a broken one that fails."""


@dataclass(frozen=True)
class Kept:
    """A kept run and its verdict as of today."""

    name: str
    run: Recording
    verdict: Verdict

    @property
    def scenario(self) -> str:
        return self.name.partition("@")[0]

    @property
    def defect(self) -> str:
        """Empty for a run of the stack as it is."""
        return self.name.partition("@")[2]

    @property
    def seconds(self) -> float:
        """From the start of the stack to the last event."""
        return self.run.events[-1].mono - self.run.events[0].mono


def kept_names() -> tuple[str, ...]:
    return names(KEPT)


@cache
def kept(name: str) -> Kept:
    run = recording(name, KEPT)
    return Kept(name, run, judge(run))


def keep(folder: Path, checkout: Path) -> Path:
    """Keep the run of a folder. Raises NotToKeepError unless a sound stack passed or a broken one failed."""
    run = load_recording(folder)
    defect = run.plan.env.get("api", {}).get("DEFECT", "")
    verdict = judge(run)
    right = Outcome.FAIL if defect else Outcome.PASS
    scenario = run.plan.scenario.scenario
    if verdict.outcome is not right:
        raise NotToKeepError(
            f"{scenario} {defect or 'as it is'}: {verdict.outcome}, not {right}: {verdict.reason}"
        )
    return pack(f"{scenario}@{defect}" if defect else scenario, folder, checkout, KEPT)


def scenarios() -> tuple[tuple[str, str], ...]:
    """(suite, scenario) of every scenario outside the drill, in alphabetical order."""
    return tuple((Path(path).parent.name, Path(path).stem) for path in all_scenarios(ROOT))


def page() -> str:
    """The whole page."""
    found = [kept(name) for name in kept_names()]
    paces = sorted({one.run.plan.pace for one in found})
    rows = "".join(_rows(found))
    return HEAD.format(pace=" and ".join(f"{pace:g}" for pace in paces)) + rows


def _rows(found: list[Kept]) -> Iterator[str]:
    for suite, scenario in scenarios():
        well = next((one for one in found if (one.scenario, one.defect) == (scenario, "")), None)
        broken = [one for one in found if one.scenario == scenario and one.defect]
        yield f"| {suite}/{scenario} | {_well(well)} | {_broken(broken[0] if broken else None)} |\n"
        for more in broken[1:]:
            yield f"| | | | | {_broken(more)} |\n"


def _well(one: Kept | None) -> str:
    if one is None:
        return "no run kept | |"
    return f"{one.seconds:.0f} s | {one.verdict.outcome} | {_score(one.verdict)}"


def _broken(one: Kept | None) -> str:
    if one is None:
        return "no run kept | | |"
    first = next(result for result in one.verdict.checks if result.outcome is Outcome.FAIL)
    return f"`{one.defect}` | {one.verdict.outcome} | {_score(one.verdict)} | {_cell(first)}"


def _score(verdict: Verdict) -> str:
    return "none" if verdict.score.total is None else f"{verdict.score.total:.0f}"


def _cell(result: CheckResult) -> str:
    """By key and subject: sentences of a report may be reworded, and this page is compared."""
    subject = f"{result.subject.kind} {result.subject.name}"
    return f"`{result.key}` {subject}".replace("|", "\\|").rstrip()
