"""Everything that a report shows, computed once and purely from a recording and its verdict.

HTML, Markdown, JUnit and the summary draw from this value and from nothing else, so they cannot disagree, and
one pass over it (``masked``) keeps redacted values out of all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum, StrEnum
from typing import Any, TypeVar, cast

from chaos.model.past import PastRuns
from chaos.model.verdict import (
    CheckResult,
    DimensionScore,
    LostPoints,
    Measure,
    Outcome,
    Score,
    Unit,
    Verdict,
)
from chaos.redaction import redact
from chaos.report import human
from chaos.report.buckets import Buckets, bucketed
from chaos.report.facts import MASK, Facts, facts, pace_sentence
from chaos.report.findings import FindingsView, KnownFindings, findings_view
from chaos.report.lanes import Lanes, lanes
from chaos.report.losses import lost_tile
from chaos.report.moments import Moments, moments
from chaos.report.noise import Noise, noise
from chaos.report.past import ScenarioTrendView, past_view
from chaos.report.row_kind import RowKind
from chaos.report.story import StoryLine, story
from chaos.report.thinning import thinned_lanes, thinned_story
from chaos.report.tiles import Tile, tiles
from chaos.timeline.recording import Recording

_ORDER = [Outcome.FAIL, Outcome.ABORTED, Outcome.INCONCLUSIVE, Outcome.PASS]


@dataclass(frozen=True)
class MeasureView:
    name: str
    value: str
    limit: str  # "of 15.0 s", "at least 99 %"; empty without a limit
    share: float | None  # value / limit, for a bar; above 1: beyond the limit
    note: str


@dataclass(frozen=True)
class EvidenceView:
    text: str
    at: str  # "" for the whole run
    after: str  # relative to the first fault; "" where it has no instant


@dataclass(frozen=True)
class CheckView:
    check: str
    title: str
    outcome: Outcome
    expected: str
    actual: str
    evidence: tuple[EvidenceView, ...]
    measures: tuple[MeasureView, ...]
    fixes: tuple[str, ...]


class DimensionState(StrEnum):
    FULL = "full"
    LOST = "lost"
    NOT_ASSESSED = "not assessed"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class DimensionView:
    name: str
    weight: int
    points: str
    share: float | None  # points / weight
    state: DimensionState


@dataclass(frozen=True)
class LostView:
    points: str
    dimension: str
    check: str
    reason: str
    fix: str


@dataclass(frozen=True)
class ScoreView:
    value: float | None
    total: str  # "92", or "–" when nothing was assessed
    certifiable: bool
    note: str
    dimensions: tuple[DimensionView, ...]
    lost: tuple[LostView, ...]


@dataclass(frozen=True)
class ReportView:
    scenario: str
    title: str
    run_id: str
    pace: float
    pace_line: str
    started: float  # epoch seconds; 0 when the journal is empty
    took: float
    outcome: Outcome
    reason: str
    score: ScoreView
    missing: tuple[str, ...]  # plain sentences on what the recording lacks
    tiles: tuple[Tile, ...]
    moments: Moments
    buckets: Buckets
    lanes: Lanes
    checks: tuple[CheckView, ...]
    tally: str  # "2 failed, 5 passed"
    story: tuple[StoryLine, ...]
    facts: Facts
    rerun_of: str  # folder name of the run that this one replaces; "": none
    past: ScenarioTrendView | None
    noise: Noise | None  # None: nothing was broken
    findings: FindingsView | None  # None: no list of findings exists


def build(
    recording: Recording, verdict: Verdict, past: PastRuns | None = None, known: KnownFindings | None = None
) -> ReportView:
    """The view of one run. Works on any recording, however short; what it lacks is listed in ``missing``.

    ``past``: the run beside earlier ones, None where there is no history. ``known``: the findings of its
    scenario, None where no list of findings exists.
    """
    buckets = bucketed(recording.requests, recording.began, recording.waiting)
    found = moments(recording, verdict)
    drawn = lanes(recording)
    probes = (lane for lane in drawn.lanes if lane.group is RowKind.PROBE)
    lost = lost_tile(verdict)
    scenario = recording.plan.scenario
    view = ReportView(
        scenario=scenario.scenario,
        title=scenario.title,
        run_id=recording.run_id,
        pace=recording.plan.pace,
        pace_line=pace_sentence(recording.plan.pace),
        started=recording.began,
        took=recording.ended - recording.began,
        outcome=verdict.outcome,
        reason=human.sentence(verdict.reason),
        score=_score(verdict.score),
        missing=_missing(recording, found),
        tiles=(*tiles(recording, found), *([lost] if lost is not None else [])),
        moments=found,
        buckets=buckets,
        lanes=thinned_lanes(drawn),
        checks=_checks(verdict, found.broken),
        tally=_tally(verdict),
        story=thinned_story(story(recording, probes, found.broken)),
        facts=facts(recording),
        rerun_of=recording.plan.rerun_of,
        past=past_view(past),
        noise=noise(recording),
        findings=findings_view(known, recording.run_id),
    )
    return masked(view, recording.plan.given_secrets)


def _missing(recording: Recording, found: Moments) -> tuple[str, ...]:
    said: list[str] = []
    if not recording.events:
        said.append("The journal is empty: nothing is known of this run.")
    if found.interrupted:
        said.append(
            f"The run was interrupted ({found.interrupted}); what follows is what was recorded until then."
        )
    if found.error:
        said.append(
            f"The harness or the stack broke: {found.error}. The rest of the recording is still valid."
        )
    if recording.events and not found.finished:
        said.append("The recording stops in the middle: its last line is missing.")
    if recording.events and recording.plan.steps and not found.windows:
        said.append("No fault was injected, so how the system copes is unknown.")
    answered = {planned.index for planned in recording.plan.steps if planned.step.answer}
    endless = {window.index for window in found.windows if window.end is None}
    if endless - answered:
        said.append("No undo was recorded for at least one fault.")
    if endless & answered:
        said.append("The end of the procedure that answers at least one fault was not recorded.")
    if not recording.requests and not recording.waiting:
        no_load = recording.plan.scenario.load is None
        said.append(
            "No load was asked for: what users would have seen is unknown."
            if no_load
            else "No request of the load was recorded: error rate and latency are unknown."
        )
    if not recording.metrics.complete and recording.plan.detection is not None:
        why = f" ({recording.metrics.detail})" if recording.metrics.detail else ""
        said.append(f"The metrics were not read back{why}: alerts and breakers are unknown.")
    return (*said, *map(str, recording.problems))


def _checks(verdict: Verdict, broken: float | None) -> tuple[CheckView, ...]:
    views = [_check(result, broken) for result in verdict.checks]
    return tuple(sorted(views, key=lambda view: _ORDER.index(view.outcome)))


def _tally(verdict: Verdict) -> str:
    words = {Outcome.FAIL: "failed", Outcome.INCONCLUSIVE: "inconclusive", Outcome.PASS: "passed"}
    counts = {word: sum(r.outcome is outcome for r in verdict.checks) for outcome, word in words.items()}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def _check(result: CheckResult, broken: float | None) -> CheckView:
    evidence = tuple(
        EvidenceView(
            fact.text,
            "" if fact.at is None else human.clock(fact.at),
            "" if fact.at is None or broken is None else human.since(fact.at - broken),
        )
        for fact in result.evidence
    )
    lossy = [mark for mark in result.marks if mark.fraction is None or mark.fraction < 1]
    fixes = tuple(dict.fromkeys(mark.fix for mark in lossy if mark.fix))
    return CheckView(
        result.check,
        result.title,
        result.outcome,
        result.expected,
        result.actual,
        evidence,
        tuple(_measure(measure) for measure in result.measures),
        fixes,
    )


def _measure(measure: Measure) -> MeasureView:
    """A share must reach its limit, any other figure must stay within it."""
    share = None
    if measure.value is not None and measure.limit:
        share = measure.value / measure.limit
    limit = "" if measure.limit is None else "of " + human.quantity(measure.limit, measure.unit)
    if measure.unit == Unit.SHARE:
        share = None if share is None else min(share, 1.0)
        limit = limit and limit.replace("of", "at least", 1)
    value = human.quantity(measure.value, measure.unit, measure.limit)
    return MeasureView(measure.label, value, limit, share, measure.note)


def _score(score: Score) -> ScoreView:
    notes = []
    unasked = [part.dimension for part in score.dimensions if part.points is None and not part.inconclusive]
    if unasked and score.total is not None:
        points = sum(part.weight for part in score.dimensions if part.dimension not in unasked)
        notes.append(f"over {points} of 100 points; nothing was asked of {', '.join(unasked)}")
    if not score.certifiable:
        notes.append("not certifiable: a part of it could not be judged")
    if score.cap is not None:
        notes.append(f"capped at {score.cap:g}" + (f": {score.cap_reason}" if score.cap_reason else ""))
    if score.total is None:
        notes.append("nothing was assessed")
    return ScoreView(
        value=score.total,
        total="–" if score.total is None else human.points(score.total),
        certifiable=score.certifiable,
        note="; ".join(notes),
        dimensions=tuple(_dimension(part) for part in score.dimensions),
        lost=_lost(score),
    )


def _lost(score: Score) -> tuple[LostView, ...]:
    """Most points first; points that several checks lost for one reason are one line."""
    lost_for: dict[tuple[str, str, str], list[LostPoints]] = {}
    for part in score.lost:
        lost_for.setdefault((str(part.dimension), part.reason, part.fix), []).append(part)
    lost = [
        (sum(p.points for p in parts), ", ".join(dict.fromkeys(p.check for p in parts)), key)
        for key, parts in lost_for.items()
    ]
    return tuple(
        LostView(human.points(points), dimension, check, reason, fix)
        for points, check, (dimension, reason, fix) in sorted(lost, key=lambda item: -item[0])
    )


def _dimension(part: DimensionScore) -> DimensionView:
    if part.inconclusive:
        return DimensionView(str(part.dimension), part.weight, "?", None, DimensionState.INCONCLUSIVE)
    if part.points is None:
        return DimensionView(str(part.dimension), part.weight, "–", None, DimensionState.NOT_ASSESSED)
    state = DimensionState.FULL if part.points >= part.weight else DimensionState.LOST
    return DimensionView(
        str(part.dimension), part.weight, human.points(part.points), part.points / part.weight, state
    )


V = TypeVar("V")


def masked(value: V, hidden: tuple[str, ...]) -> V:
    """``value`` with ``hidden`` removed from every text, also inside frozen dataclasses and tuples.

    Members of an enum are gameday's own words and stay unchanged.
    """
    if not hidden:
        return value
    if isinstance(value, str) and not isinstance(value, Enum):
        return cast(V, redact(value, hidden, MASK))
    if isinstance(value, tuple):
        return cast(V, tuple(masked(item, hidden) for item in value))
    if is_dataclass(value) and not isinstance(value, type):
        changed: dict[str, Any] = {f.name: masked(getattr(value, f.name), hidden) for f in fields(value)}
        return cast(V, replace(value, **changed))
    return value
