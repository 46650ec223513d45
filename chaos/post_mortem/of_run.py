"""The post-mortem of a run, which is an exercise, from its recording. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from chaos.model.run_files import JOURNAL, METRICS
from chaos.model.verdict import Outcome
from chaos.post_mortem.model import Action, PostMortem, PostMortemFigure, TimelineEntry
from chaos.report.human import duration, sentence
from chaos.report.row_kind import RowKind
from chaos.report.tiles import Tile, TileKey
from chaos.report.view import ReportView

_IMPACT = ("degradation", "breaker", "data")
_DETECTION = ("detection", "notification")
_RECOVERY = ("recovery", "steady_state", "procedure", "left_clean")
_FILES = {RowKind.ALERT: METRICS, RowKind.BREAKER: METRICS}


def of_run(view: ReportView, severity: str, folder: str) -> PostMortem:
    """``severity``: that of the scenario, or empty. ``folder``: the name of the run folder."""
    found = view.moments
    began = view.started + (found.broken or 0.0)
    return PostMortem(
        record=f"run {view.run_id}",
        title=view.title,
        drill=True,
        severity=severity,
        began=began,
        ended=None if found.over is None else view.started + found.over,
        summary=tuple(_summary(view, folder)),
        timeline=tuple(
            TimelineEntry(at=view.started + line.at, what=line.text, evidence=_evidence(line.kind, line.at))
            for line in view.story
        ),
        impact=impact_of(view),
        detection=detection_of(view),
        cause=cause_of(view),
        recovery=recovery_of(view),
        actions=actions_of(view),
        retest=(view.scenario,),
    )


def impact_of(view: ReportView, *, brief: bool = False) -> tuple[PostMortemFigure, ...]:
    """``brief``, here and below: without the checks that passed and without measurements."""
    return (*_tiles(view, TileKey.USERS, TileKey.LOST), *_checks(view, _IMPACT, brief))


def detection_of(view: ReportView, *, brief: bool = False) -> tuple[PostMortemFigure, ...]:
    return (*_tiles(view, TileKey.NOTICED), *_checks(view, _DETECTION, brief))


def recovery_of(view: ReportView, *, brief: bool = False) -> tuple[PostMortemFigure, ...]:
    return (*_tiles(view, TileKey.OVER), *_checks(view, _RECOVERY, brief))


def cause_of(view: ReportView) -> tuple[str, ...]:
    return tuple(f"{tile.label}: {tile.value}" for tile in view.tiles if tile.key is TileKey.BROKE)


def actions_of(view: ReportView) -> tuple[Action, ...]:
    """One action per fix, with every reason for it."""
    why: dict[str, list[str]] = {}
    for lost in view.score.lost:
        why.setdefault(lost.fix or lost.reason, []).append(lost.reason)
    return tuple(
        Action(what=what, why="; ".join(dict.fromkeys(reasons)), retest=view.scenario)
        for what, reasons in why.items()
    )


def _summary(view: ReportView, folder: str) -> Iterable[str]:
    said = (
        "gameday injected the fault on purpose"
        if view.moments.broken is not None
        else "no fault was injected"
    )
    yield f"An exercise: {said}, in the scenario {view.scenario}."
    if view.moments.broken is not None and view.moments.over is not None:
        yield f"From the first fault to the recovery: {duration(view.moments.over - view.moments.broken)}."
    else:
        yield "How long it lasted is unknown: the run recorded no recovery."
    yield f"The run's verdict is {view.outcome}. {view.reason}"
    yield sentence(view.pace_line)
    yield from view.missing
    yield f"The record is the run folder {folder}; its report.html shows the whole run."


def _evidence(kind: RowKind, at: float) -> str:
    return f"{_FILES.get(kind, JOURNAL)} at {at:.1f} s"


def _tiles(view: ReportView, *keys: TileKey) -> Iterable[PostMortemFigure]:
    chosen: Iterable[Tile] = (tile for tile in view.tiles if tile.key in keys)
    for tile in chosen:
        yield PostMortemFigure(name=tile.label, value=", ".join((tile.value, *tile.lines)))
        yield from (PostMortemFigure(name=what, value=value) for value, what in tile.extra)


def _checks(view: ReportView, names: tuple[str, ...], brief: bool) -> Iterable[PostMortemFigure]:
    for check in view.checks:
        if check.check not in names or (brief and check.outcome is Outcome.PASS):
            continue
        said = check.actual if check.outcome is Outcome.PASS else f"{check.outcome}: {check.actual}"
        yield PostMortemFigure(name=check.title, value=said)
        for measure in () if brief else check.measures:
            yield PostMortemFigure(
                name=f"{check.title}: {measure.name}", value=f"{measure.value} {measure.limit}".strip()
            )
