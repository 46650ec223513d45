"""Did an alert fire that must not fire?"""

from __future__ import annotations

from collections.abc import Sequence

from chaos.checks.kit.alert_params import Detection, must_fire_of
from chaos.checks.kit.alerts import AlertRecord, history, lasts, not_comparable
from chaos.checks.kit.own_alerts import Origin, shown
from chaos.checks.kit.scrapes import unreached
from chaos.checks.kit.slowness import MissedLimit, excuse_slowness
from chaos.model.alert_states import AlertState
from chaos.model.asked import Asked, CannotTell
from chaos.model.verdict import CheckResult
from chaos.timeline.events import Phase, SteadyState
from chaos.timeline.questions import AlertSpan


def none_wrong(record: AlertRecord, params: Detection, asked: Asked) -> CheckResult:
    """The result on alerts that must not fire, from the steady state to the teardown."""
    steady, teardown = between = judged_between(record)
    during = [s for s in record.spans if _judged(params, s, record, between)]
    wrong = [s for s in during if _counts(params, s, record, Origin.OWN)]
    names = sorted({s.alert for s in wrong})
    listed = ", ".join(f"{name} {_when(record, [s for s in wrong if s.alert == name])}" for name in names)
    evidence = [fact for name in names for fact in history(record, name)]
    if wrong:
        # A late event after an alert began to fire did not cause it; one unexplained alert is enough to fail.
        first = min(s.start for s in wrong)
        excuse_slowness(record.recording, (steady, first), MissedLimit(f"fired: {listed}"), evidence=evidence)
        return asked.failed(
            f"fired: {listed}",
            reason=f"wrong alerts fired: {listed}",
            fix="See whether these alerts report something real that the scenario should expect, or are "
            "too sensitive.",
            evidence=evidence,
        )
    whose = [s for s in during if _counts(params, s, record, Origin.UNKNOWN)]
    if whose:
        labels = "; ".join(dict.fromkeys(f"{s.alert} for {shown(dict(s.labels))}" for s in whose))
        raise CannotTell(f"fired, but no target of the stack has these labels: {labels}")
    if doubt := unreached(record.recording, teardown):
        raise CannotTell(f"none fired as far as the data goes, but {doubt}")
    record.doubt_silence(steady, teardown)
    others = sorted({f"{s.alert} for {shown(dict(s.labels))}" for s in during})
    apart = f"; of other systems, and not counted: {', '.join(others)}" if others else ""
    return asked.passed(f"none fired{apart}")


def is_wrong(record: AlertRecord, params: Detection, firing: AlertSpan, between: tuple[float, float]) -> bool:
    """Does this one firing make ``none_wrong`` fail? ``between``: ``judged_between(record)``."""
    return _judged(params, firing, record, between) and _counts(params, firing, record, Origin.OWN)


def judged_between(record: AlertRecord) -> tuple[float, float]:
    """The steady state and the teardown. Reads the whole journal, so call it once for a recording."""
    steady = next((e.at for e in record.recording.of(SteadyState) if e.when == "before"), record.struck)
    return steady, record.recording.phase_began(Phase.TEARDOWN) or record.recording.ended


def _judged(params: Detection, firing: AlertSpan, record: AlertRecord, between: tuple[float, float]) -> bool:
    steady, teardown = between
    return (
        firing.state == AlertState.FIRING
        and lasts(firing, steady)
        and firing.start < teardown
        and _forbidden(params, firing, record)
    )


def _forbidden(params: Detection, firing: AlertSpan, record: AlertRecord) -> bool:
    """Is this firing wrong, whatever its origin? Under ``others`` even an alert that must fire is wrong
    before the injection, or with labels other than the expected ones. An alert that another entry of the
    scenario expects is none of the others.

    An alert that means something else at this pace is never wrong. Neither is one that reads no series (a
    dead-man's switch, an alert by the time of day), unless the scenario names it.
    """
    plan = record.recording.plan
    if not_comparable(plan, firing.alert, dict(firing.labels)):
        return False
    unrelated = plan.detection.reading_nothing if plan.detection is not None else ()
    if firing.alert in unrelated and isinstance(params.must_not_fire, str):
        return False
    if not isinstance(params.must_not_fire, str):
        return any(entry.covers(firing) for entry in params.must_not_fire)
    entries = [entry for entry in must_fire_of(params, plan.scenario) if entry.alert == firing.alert]
    if firing.start < record.struck or not entries:
        return True
    own = dict(firing.labels)
    return all(
        entry.labels is not None and any(own.get(name) != value for name, value in entry.labels.items())
        for entry in entries
    )


def _counts(params: Detection, firing: AlertSpan, record: AlertRecord, origin: Origin) -> bool:
    """Is it of this origin? An alert whose labels the scenario names is the stack's own."""
    named = not isinstance(params.must_not_fire, str) and any(
        entry.labels and entry.covers(firing) for entry in params.must_not_fire
    )
    return (Origin.OWN if named else record.origins.of(dict(firing.labels))) is origin


def _when(record: AlertRecord, stretches: Sequence[AlertSpan]) -> str:
    """When it fired, in words: before the injection, while the fault held, after it, or without a fault."""
    if not record.recording.plan.steps:
        return "without a fault"
    over = record.over if record.over is not None else record.read_to
    found = [
        word
        for word, hit in (
            ("before the injection", any(s.start < record.struck for s in stretches)),
            ("while the fault held", any(record.struck <= s.start <= over for s in stretches)),
            ("after the fault was over", any(s.start > over for s in stretches)),
        )
        if hit
    ]
    return " and ".join(found)
