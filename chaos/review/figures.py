"""Computes the figures of a review. Pure. A figure without records is None, never zero."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial

from chaos.checks.data import ACKNOWLEDGED_KEPT
from chaos.checks.recovery import WITHIN_RTO
from chaos.findings import Finding, FindingState
from chaos.gameday.deadlines import DeadlineKind, Status
from chaos.gameday.response_score import PartName
from chaos.history import RunRow
from chaos.incidents import report_of
from chaos.incidents.metrics import metrics_of
from chaos.model.identity import ResultKey
from chaos.model.incidents import Incident
from chaos.model.verdict import Outcome
from chaos.report.human import count as count_of
from chaos.report.incidents import sections_of
from chaos.review.model import (
    DayRecord,
    FigureKey,
    Month,
    PostMortemFile,
    Records,
    Review,
    ReviewFigure,
    ReviewPart,
    ReviewUnit,
)

NO_LIST = "there is no list of incidents (gameday detect creates it)"
NOT_WATCHED = "no reading of gameday detect covers this time"
SLACK = 3600.0  # seconds at either end of a window in which a detector need not have looked
NOT_KEPT = "gameday does not record this for real incidents"
_MESSAGES = (DeadlineKind.MESSAGE, DeadlineKind.UPDATE)


def review_of(records: Records, month: Month, now: float) -> Review:
    """The review of ``month``; up to ``now`` if the month is not over."""
    end = min(month.end, now)
    earlier = month.before
    real, drills = _incidents(records, month.start, end)
    report = report_of([*real, *drills], month.start, end)
    listed = sections_of(report)
    return Review(
        month=str(month),
        start=month.start,
        end=end,
        whole=now >= month.end,
        incidents=ReviewPart(
            title="Incidents",
            figures=_beside(
                partial(_of_incidents, records), (month.start, end), (earlier.start, earlier.end)
            ),
            severities=listed[0].severities,
            recurring=listed[0].recurring,
        ),
        exercises=ReviewPart(
            title="Drills and game days",
            figures=_beside(partial(_of_drills, records), (month.start, end), (earlier.start, earlier.end)),
            severities=listed[1].severities,
            recurring=listed[1].recurring,
        ),
        open_findings=None if records.findings is None else len(_open(records.findings, end)),
        findings=tuple(_rows(records.findings or (), end)),
        left_out=records.left_out,
    )


Period = tuple[float, float]


def _beside(
    figures: Callable[[float, float], list[ReviewFigure]], this: Period, earlier: Period
) -> tuple[ReviewFigure, ...]:
    past = {one.key: one.value for one in figures(*earlier)}
    return tuple(one.model_copy(update={"before": past.get(one.key)}) for one in figures(*this))


def _incidents(records: Records, start: float, end: float) -> tuple[list[Incident], list[Incident]]:
    """Real incidents, and those of drills, that fired in the window."""
    inside = [one for one in records.incidents or () if start <= one.fired < end]
    return [one for one in inside if not one.drill], [one for one in inside if one.drill]


def _of_incidents(records: Records, start: float, end: float) -> list[ReviewFigure]:
    real, _ = _incidents(records, start, end)
    files = [_file_of(records, f"incident {one.number}") for one in real]
    written = [one for one in files if one is not None]
    written_up = {one.name for one in records.post_mortems if not one.drill}
    items = [one for one in _items(records, start, end) if one.source in written_up]
    unknown = (
        (FigureKey.ESCALATION, "escalation rate", ReviewUnit.SHARE),
        (FigureKey.COMMUNICATION, "communication delay", ReviewUnit.SECONDS),
        (FigureKey.ON_TIME, "communication on time", ReviewUnit.SHARE),
        (FigureKey.RTO, "RTO adherence", ReviewUnit.SHARE),
        (FigureKey.RPO, "RPO adherence", ReviewUnit.SHARE),
    )
    linked = sum(bool(one.runbook) for one in real)
    runbook = f"{NOT_KEPT}; the alerts of {linked} of {len(real)} incidents name one"
    return [
        *_alerts(real, start, end, *_looked(records, real, start, end)),
        _none(FigureKey.RUNBOOK, "runbook usage", ReviewUnit.SHARE, runbook if real else NOT_KEPT),
        *(_none(key, label, unit, NOT_KEPT) for key, label, unit in unknown),
        _share(
            FigureKey.POST_MORTEMS,
            "post-mortems complete",
            [one is not None and one.complete for one in files],
            "incidents",
            f"{len(written)} written, {sum(one.late for one in written)} late",
        ),
        _closed(items, end, "action items of post-mortems"),
    ]


def _of_drills(records: Records, start: float, end: float) -> list[ReviewFigure]:
    _, alerts = _incidents(records, start, end)
    listed = records.incidents is not None  # runs put the incidents that they caused on it
    runs = [one for one in records.runs if start <= one.began < end and one.as_written]
    days = [one for one in records.days if start <= one.began < end]
    real = {one.name for one in records.post_mortems if not one.drill}
    items = [one for one in _items(records, start, end) if one.source not in real]
    count = ReviewFigure(
        key=FigureKey.COUNT,
        label="exercises",
        value=len(runs) + len(days),
        unit=ReviewUnit.NUMBER,
        of=len(runs) + len(days),
        records="runs and game days",
        note=f"{count_of(len(runs), 'run')}, {count_of(len(days), 'game day')}",
    )
    procedures = [each.ok for run in runs for each in run.procedures]
    return [
        count,
        *_alerts(alerts, start, end, listed, "" if listed else NO_LIST)[2:],
        *_people(days),
        _adherence(FigureKey.RTO, "RTO adherence", runs, WITHIN_RTO),
        _adherence(FigureKey.RPO, "RPO adherence", runs, ACKNOWLEDGED_KEPT),
        _share(FigureKey.RESTORES, "procedures that worked", procedures, "procedures that ran"),
        _share(
            FigureKey.POST_MORTEMS,
            "post-mortems complete",
            [bool((one := _file_of(records, f"game day {day.name}")) and one.complete) for day in days],
            "game days",
        ),
        _closed(items, end, "findings of exercises"),
    ]


def _looked(records: Records, incidents: Sequence[Incident], start: float, end: float) -> tuple[bool, str]:
    """Did anything look for incidents in the window? Only then does no incident mean 0. And a note."""
    inside = [(since, until) for since, until in records.watched if since < end and until > start]
    if records.incidents is None:
        return False, NO_LIST
    if not inside:
        return bool(incidents), NOT_WATCHED
    since, until = min(one[0] for one in inside), max(one[1] for one in inside)
    if since <= start + SLACK and until >= end - SLACK:
        return True, ""
    seen = f"{_minute(max(since, start))} to {_minute(min(until, end))}"
    return True, f"a detector looked from {seen} only"


def _minute(instant: float) -> str:
    return f"{datetime.fromtimestamp(instant, UTC):%Y-%m-%d %H:%M} UTC"


def _alerts(
    incidents: Sequence[Incident], start: float, end: float, listed: bool, note: str
) -> list[ReviewFigure]:
    """Count, frequency, MTTD, MTTR and accuracy. ``listed`` False: nothing looked, so all are unknown."""
    found = metrics_of(incidents, start, end)
    count = len(incidents) if listed else None
    accuracy = found.accuracy
    judged = accuracy.true + accuracy.false

    def figure(
        key: FigureKey, label: str, value: float | None, unit: ReviewUnit, of: int, more: str = ""
    ) -> ReviewFigure:
        return ReviewFigure(
            key=key, label=label, value=value, unit=unit, of=of, records="incidents", note=more or note
        )

    open_ones = "; ".join(filter(None, (f"{found.open} open" if found.open else "", note)))
    per_week = found.per_week if listed else None
    return [
        figure(FigureKey.COUNT, "incidents", count, ReviewUnit.NUMBER, len(incidents), open_ones),
        figure(FigureKey.FREQUENCY, "frequency", per_week, ReviewUnit.PER_WEEK, len(incidents)),
        figure(FigureKey.DETECT, "MTTD", found.detect.seconds, ReviewUnit.SECONDS, found.detect.of),
        figure(FigureKey.RECOVER, "MTTR", found.recover.seconds, ReviewUnit.SECONDS, found.recover.of),
        figure(
            FigureKey.ACCURACY,
            "alert accuracy",
            accuracy.share,
            ReviewUnit.SHARE,
            judged,
            f"{accuracy.not_judged} not judged" if accuracy.not_judged else "",
        ),
    ]


def _people(days: Sequence[DayRecord]) -> list[ReviewFigure]:
    """How people responded in game days. Times are production time."""
    slots = [slot for day in days for slot in day.slots]
    steps = [part.share for slot in slots for part in slot.score.parts if part.name is PartName.RUNBOOK]
    fidelity = [share for share in steps if share is not None]
    due = [
        (day, one)
        for day in days
        for slot in day.slots
        for one in slot.deadlines
        if one.kind in _MESSAGES and one.status in (Status.MET, Status.LATE)
    ]
    waits = [
        day.clock.policy(one.start, one.met)
        for day, one in due
        if one.met is not None and one.start is not None
    ]
    scenarios = "scenarios of game days"
    return [
        _mean(FigureKey.RUNBOOK, "runbook usage", fidelity, ReviewUnit.SHARE, f"{scenarios} with a runbook"),
        _share(
            FigureKey.ESCALATION, "escalation rate", [s.slot.escalated is not None for s in slots], scenarios
        ),
        _mean(
            FigureKey.COMMUNICATION,
            "communication delay",
            waits,
            ReviewUnit.SECONDS,
            "messages that were sent",
        ),
        _share(
            FigureKey.ON_TIME,
            "communication on time",
            [one.status is Status.MET for _, one in due],
            "communication deadlines",
        ),
    ]


def _adherence(key: FigureKey, label: str, runs: Iterable[RunRow], result: ResultKey) -> ReviewFigure:
    judged = [check.outcome for run in runs for check in run.checks if check.key == result]
    unknown = sum(outcome is Outcome.INCONCLUSIVE for outcome in judged)
    known = [outcome is Outcome.PASS for outcome in judged if outcome in (Outcome.PASS, Outcome.FAIL)]
    return _share(key, label, known, "results of runs", f"{unknown} inconclusive" if unknown else "")


def _items(records: Records, start: float, end: float) -> list[Finding]:
    """The findings that were open at some time in the window."""
    return [
        one
        for one in records.findings or ()
        if one.opened < end and (one.closed is None or one.closed >= start)
    ]


def _closed(items: Sequence[Finding], end: float, kind: str) -> ReviewFigure:
    done = [one.closed is not None and one.closed < end for one in items]
    today = datetime.fromtimestamp(end, UTC).date()
    overdue = sum(one.due < today for one, closed in zip(items, done, strict=True) if not closed)
    note = f"{overdue} overdue" if overdue else ""
    return _share(FigureKey.ACTIONS, "action items closed", done, kind, note)


def _open(findings: Iterable[Finding], end: float) -> list[Finding]:
    return [one for one in findings if one.opened < end and (one.closed is None or one.closed >= end)]


def _rows(findings: Iterable[Finding], end: float) -> Iterable[tuple[str, ...]]:
    """Number, state, due date, owner, scenario and title of findings overdue or recurring at ``end``."""
    today = datetime.fromtimestamp(end, UTC).date()
    for one in _open(findings, end):
        overdue = one.due < today
        recurring = one.reopened > 0
        if overdue or recurring:
            words = [*(["overdue"] if overdue else []), *([str(FindingState.RECURRING)] if recurring else [])]
            yield (one.name, ", ".join(words), str(one.due), one.owner or "no owner", one.scenario, one.title)


def _file_of(records: Records, record: str) -> PostMortemFile | None:
    return next((one for one in records.post_mortems if one.record == record), None)


def _none(key: FigureKey, label: str, unit: ReviewUnit, note: str) -> ReviewFigure:
    return ReviewFigure(key=key, label=label, value=None, unit=unit, of=0, records="records", note=note)


def _share(key: FigureKey, label: str, said: Sequence[bool], records: str, note: str = "") -> ReviewFigure:
    value = sum(said) / len(said) if said else None
    note = note if said else ""
    return ReviewFigure(
        key=key, label=label, value=value, unit=ReviewUnit.SHARE, of=len(said), records=records, note=note
    )


def _mean(
    key: FigureKey, label: str, values: Sequence[float], unit: ReviewUnit, records: str
) -> ReviewFigure:
    value = sum(values) / len(values) if values else None
    return ReviewFigure(key=key, label=label, value=value, unit=unit, of=len(values), records=records)
