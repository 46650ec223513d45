"""The trend of one scenario against earlier runs, as reports draw it. It gets values and reads no
history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chaos.model.past import Judgement, PastRun, PastRuns
from chaos.model.verdict import Outcome
from chaos.report import human
from chaos.report.tone import Tone


@dataclass(frozen=True)
class Point:
    """One run: its instant in words, score in points, recovery in seconds; None is not known."""

    began: str
    run_id: str
    outcome: Outcome
    score: float | None
    certifiable: bool
    recovery: float | None
    this: bool


@dataclass(frozen=True)
class ScenarioTrendView:
    """The trend of one run's scenario, oldest first, this run last."""

    statement: str
    tone: Tone
    points: tuple[Point, ...]
    median_score: float | None
    median_recovery: float | None

    @property
    def drawn(self) -> bool:
        """False with a single point."""
        return len(self.points) > 1


@dataclass(frozen=True)
class PastChart:
    """The data for the script, for one scenario."""

    title: str
    points: tuple[Point, ...]
    median_score: float | None
    median_recovery: float | None


_TONES = {
    Judgement.OK: Tone.GOOD,
    Judgement.REGRESSION: Tone.BAD,
    Judgement.NOT_ENOUGH_DATA: Tone.UNKNOWN,
}


def past_view(past: PastRuns | None) -> ScenarioTrendView | None:
    """The trend, ready to draw; None if there is no history."""
    if past is None:
        return None
    return ScenarioTrendView(
        statement=human.sentence(past.statement[:1].upper() + past.statement[1:]),
        tone=_TONES[past.judgement],
        points=(*(_point(run) for run in past.earlier), _point(past.this, this=True)),
        median_score=past.median_score,
        median_recovery=past.median_recovery,
    )


def charts_of(titled: Sequence[tuple[str, ScenarioTrendView | None]]) -> tuple[PastChart, ...]:
    """One chart for each trend that has something to show, in this order."""
    return tuple(
        PastChart(title, past.points, past.median_score, past.median_recovery)
        for title, past in titled
        if past is not None and past.drawn
    )


def _point(run: PastRun, this: bool = False) -> Point:
    return Point(
        began=human.instant(run.began).removesuffix(" UTC"),
        run_id=run.run_id,
        outcome=run.outcome,
        score=run.score,
        certifiable=run.certifiable,
        recovery=None if run.recovery is None else round(run.recovery, 3),
        this=this,
    )
