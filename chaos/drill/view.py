"""Everything that a drill's report shows, computed once; every format draws only from this value."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from chaos.drill.actions import Actions, actions_of
from chaos.drill.losses import DrillLosses, LossView, losses_of
from chaos.drill.model import AskedScenario, DrillDimension, DrillScore, RunScore, TierScore
from chaos.drill.objectives import ObjectiveRow, TargetState, objective_rows, tally
from chaos.drill.origin import origin_of, pace_meaning
from chaos.drill.parts import Drill, DrillPart
from chaos.drill.past import DrillHistoryView, past_of
from chaos.drill.score import drill_score
from chaos.drill.steps import Steps, steps_of
from chaos.evidence import SealState
from chaos.model.verdict import Outcome, worst_outcome
from chaos.report import human
from chaos.report.facts import pace_sentence
from chaos.report.tiles import Tile, TileKey
from chaos.report.tone import Tone
from chaos.report.view import masked


@dataclass(frozen=True)
class RunView:
    """One scenario. ``outcome`` None: no verdict; ``link``: its own report, "" without one."""

    scenario: str
    title: str
    tier: str
    outcome: Outcome | None
    reason: str
    score: str
    score_value: float | None
    certifiable: bool
    worth: str
    worth_points: float
    outage: str
    rpo: str
    link: str
    run_id: str
    folder: str
    manifest_sha256: str
    seal: str


@dataclass(frozen=True)
class BarView:
    """A tier or a dimension. ``percent`` None: unknown."""

    name: str
    percent: float | None
    text: str
    note: str


@dataclass(frozen=True)
class DrillScoreView:
    """``value``, ``grade``: "–" without a number. ``without_verdict``: scenarios that left nothing to judge.
    ``missing``: scenarios that did not finish, and why; there is no grade then.
    """

    value: float | None
    total: str
    grade: str
    certifiable: bool
    cap: float | None
    caps: tuple[str, ...]
    missing: tuple[str, ...]
    dimensions: tuple[BarView, ...]
    tiers: tuple[BarView, ...]
    without_verdict: int


@dataclass(frozen=True)
class DrillView:
    """``complete`` False: ``title`` says how this differs from the whole drill; ``changes``: what ``--env``
    changed. ``tampered``: scenarios whose evidence was changed since it was sealed.
    """

    id: str
    at: float
    title: str
    complete: bool
    changes: tuple[str, ...]
    origin: str
    pace_meaning: str
    tampered: tuple[str, ...]
    pace_line: str
    outcome: Outcome
    headline: str
    score: DrillScoreView
    tiles: tuple[Tile, ...]
    runs: tuple[RunView, ...]
    objectives: tuple[ObjectiveRow, ...]
    steps: Steps
    losses: DrillLosses
    actions: Actions
    past: DrillHistoryView


def build(drill: Drill, folder: Path) -> DrillView:
    """The view of a drill with its report in ``folder``, without the secrets of its runs."""
    score = score_of(drill)
    losses, rows = losses_of(drill), objective_rows(drill)
    outcome = merged(drill.parts)
    view = DrillView(
        id=drill.id,
        at=drill.at,
        title=drill.scope.title,
        complete=drill.scope.complete,
        changes=drill.scope.changes,
        origin=origin_of(drill),
        pace_meaning=pace_meaning(drill.paces),
        tampered=tuple(part.scenario for part in drill.parts if _tampered(part)),
        pace_line=_pace_line(drill.paces),
        outcome=outcome,
        headline=headline(drill.parts),
        score=_score(score),
        tiles=_tiles(score, rows, losses),
        runs=tuple(
            _run(part, scored, loss, folder)
            for part, scored, loss in zip(drill.parts, score.runs, losses.runs, strict=True)
        ),
        objectives=rows,
        steps=steps_of(drill),
        losses=losses,
        actions=actions_of(score),
        past=past_of(drill, score.total, str(score.grade or "–"), score.certifiable),
    )
    hidden = {s for part in drill.parts if part.judged for s in part.judged.recording.plan.given_secrets}
    return masked(view, tuple(sorted(hidden, key=lambda secret: (-len(secret), secret))))


def score_of(drill: Drill) -> DrillScore:
    """The score, from the verdicts of all scenarios."""
    return drill_score([_asked(part) for part in drill.parts])


def _asked(part: DrillPart) -> AskedScenario:
    verdict = part.judged.verdict if part.judged is not None else None
    return AskedScenario(
        scenario=part.scenario,
        tier=part.tier,
        outcome=verdict.outcome if verdict is not None else None,
        score=verdict.score if verdict is not None else None,
        why=part.why or (verdict.reason if verdict is not None else ""),
        tampered=_tampered(part),
    )


def _tampered(part: DrillPart) -> bool:
    return part.judged is not None and part.judged.seal is SealState.CHANGED


def merged(parts: Sequence[DrillPart]) -> Outcome:
    """The worst outcome of the runs; a run without a verdict is INCONCLUSIVE, as is a drill without runs."""
    return worst_outcome(
        part.judged.verdict.outcome if part.judged else Outcome.INCONCLUSIVE for part in parts
    )


def headline(parts: Sequence[DrillPart]) -> str:
    """``7 of 9 scenarios passed, 1 failed, 1 without a verdict``."""
    words = {Outcome.FAIL: "failed", Outcome.ABORTED: "aborted", Outcome.INCONCLUSIVE: "inconclusive"}
    judged = [part.judged.verdict.outcome for part in parts if part.judged is not None]
    rest = [f"{judged.count(outcome)} {word}" for outcome, word in words.items() if judged.count(outcome)]
    if len(parts) > len(judged):
        rest.append(f"{len(parts) - len(judged)} without a verdict")
    first = f"{judged.count(Outcome.PASS)} of {human.count(len(parts), 'scenario')} passed"
    return ", ".join([first, *rest]) + "."


def _pace_line(paces: Sequence[float]) -> str:
    if len(set(paces)) == 1:
        return pace_sentence(paces[0])
    return "pace: " + (", ".join(human.pace(pace) for pace in sorted(set(paces))) or "no data")


def _score(score: DrillScore) -> DrillScoreView:
    return DrillScoreView(
        value=score.total,
        total="–" if score.total is None else human.points(score.total),
        grade="–" if score.grade is None else str(score.grade),
        certifiable=score.certifiable,
        cap=score.cap,
        caps=tuple(score.cap_reasons),
        missing=tuple(human.sentence(one) for one in score.missing),
        dimensions=tuple(_dimension(part) for part in score.dimensions),
        tiers=tuple(_tier(part) for part in score.tiers),
        without_verdict=sum(run.outcome is None for run in score.runs),
    )


def _dimension(part: DrillDimension) -> BarView:
    if not part.runs:
        return BarView(str(part.dimension), None, "not assessed", "no scenario tested it")
    text = "unknown" if part.percent is None else f"{human.points(part.percent)} %"
    note = human.count(part.runs, "scenario")
    note += f", {part.unknown} inconclusive" if part.unknown else ""
    return BarView(str(part.dimension), part.percent, text, note)


def tier_name(tier: int | None) -> str:
    return "no tier" if tier is None else f"tier {tier}"


def _tier(part: TierScore) -> BarView:
    text = "unknown" if part.total is None else f"{human.points(part.total)} / 100"
    note = f"weight {part.weight:g} · {human.count(part.runs, 'scenario')}"
    note += f", {part.unknown} without a score" if part.unknown else ""
    return BarView(tier_name(part.tier), part.total, text, note)


def _tiles(score: DrillScore, rows: Sequence[ObjectiveRow], losses: DrillLosses) -> tuple[Tile, ...]:
    return (
        _kept("RTO kept", [row.rto.state for row in rows], tally([row.rto for row in rows])),
        _kept("RPO kept", [row.rpo.state for row in rows], tally([row.rpo for row in rows])),
        Tile(
            TileKey.OTHER,
            "Outage, all scenarios",
            losses.outage,
            Tone.PLAIN,
            ("from the failure to the recovery of clients",),
        ),
        Tile(
            TileKey.OTHER,
            "What it cost",
            losses.cost or "not known",
            Tone.PLAIN if losses.cost else Tone.UNKNOWN,
            (losses.formula or "no stack.yaml gives the cost of an hour (outage_cost)",),
        ),
    )


def _kept(label: str, states: Sequence[TargetState], said: str) -> Tile:
    if not states:
        return Tile(TileKey.OTHER, label, human.NO_DATA, Tone.UNKNOWN, ("No stack.yaml names an objective.",))
    tone = Tone.UNKNOWN if TargetState.NOT_MEASURED in states else Tone.GOOD
    if TargetState.MISSED in states:
        tone = Tone.BAD
    return Tile(TileKey.OTHER, label, f"{states.count(TargetState.KEPT)} of {len(states)}", tone, (said,))


def _run(part: DrillPart, scored: RunScore, loss: LossView, folder: Path) -> RunView:
    judged = part.judged
    link = ""
    if judged is not None and judged.drawn:
        link = Path(os.path.relpath(judged.folder / "report.html", folder)).as_posix()
    total = scored.total
    return RunView(
        scenario=part.scenario,
        title=part.title,
        tier=tier_name(part.tier),
        outcome=scored.outcome,
        reason=human.sentence(judged.verdict.reason if judged is not None else part.why or "no recording"),
        score="–" if total is None else human.points(total),
        score_value=total,
        certifiable=scored.certifiable,
        worth=human.points(scored.worth),
        worth_points=scored.worth,
        outage=loss.outage,
        rpo=loss.rpo,
        link=quote(link),
        run_id=judged.recording.run_id if judged is not None else "",
        folder=judged.folder.name if judged is not None else "",
        manifest_sha256=judged.manifest_sha256 if judged is not None else "",
        seal=str(judged.seal or "") if judged is not None else "",
    )
