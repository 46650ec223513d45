"""Did an alert reach the right channels once, in time and complete, and did they receive its resolution?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from pydantic import Field

from chaos.checks.kit import span
from chaos.checks.kit.alerts import AlertRecord, lasts, not_comparable, read_alerts
from chaos.checks.kit.channels import channel_objections
from chaos.checks.kit.messages import NotificationCase, delivered, once, readable, resolved, silenced, whole
from chaos.checks.kit.notified import PROBE, read_notified
from chaos.collectors.notifications import WINDOW, NotificationListing
from chaos.kinds import Check, Collect, Objection, Part, ScenarioContext, UnknownName, Wait
from chaos.model.asked import Asked, CannotTell
from chaos.model.identity import ResultKey, Subject, SubjectKind
from chaos.model.plan import ALERT_SLACK, Plan
from chaos.model.scenario import CheckParams
from chaos.model.verdict import CheckResult, Dimension, Outcome
from chaos.timeline.events import Phase
from chaos.timeline.recording import Recording
from chaos.timing import Paced, format_duration

DELIVERED, ONCE = ResultKey("notification.delivered"), ResultKey("notification.once")
RESOLVED, WHOLE = ResultKey("notification.resolved"), ResultKey("notification.whole")
RUNBOOK, SILENCED = ResultKey("notification.runbook"), ResultKey("notification.silenced")
_Answer = Callable[[NotificationCase, Asked], CheckResult]
_ANSWERS: Mapping[ResultKey, _Answer] = {
    DELIVERED: delivered,
    ONCE: once,
    RESOLVED: resolved,
    WHOLE: whole,
    RUNBOOK: readable,
    SILENCED: silenced,
}


class Notification(CheckParams):
    """Which channels must receive an alert, and how soon."""

    alert: str
    channels: tuple[str, ...] = Field(
        description="the channels that must receive it; no other may; an empty list: it is suppressed, by "
        "inhibition, a silence or the hours of its route"
    )
    within: Paced = Field(
        default=600.0,
        gt=0,
        description="production time from the injection of the first fault to the message",
    )
    resolved_within: Paced = Field(
        default=360.0,
        gt=0,
        description="production time from the end of the alert to the message about it",
    )
    group_wait: Paced = Field(
        default=30.0,
        ge=0,
        description="group_wait of its route: an alert that fires more briefly is never sent",
    )


class _NotificationCheck(Check[Notification]):
    """gameday reads the service that receives the notifications once a second, and records its listing.

    The check dates a message by its age in the listing, so the clock of that service does not matter. The
    numbers of the messages show whether some were lost; then the check judges only those that it saw. It
    allows ``ALERT_SLACK`` beyond each limit for delivery.
    """

    name = "notification"
    summary = "an alert reaches the right channels in time, once and whole, and they learn when it resolves"
    params = Notification
    collectors = (NotificationListing,)
    dimensions = (Dimension.DETECTION, Dimension.HYGIENE)
    reads = (Part.JOURNAL, Part.METRICS)

    def problems(self, params: Notification, context: ScenarioContext) -> Iterator[Objection]:
        manager, detection = context.stack.alertmanager, context.detection
        if manager is None or manager.notifications is None:
            message = "notifications are expected, but stack.yaml does not say where they arrive"
            yield Objection((), message, "add alertmanager: with notifications: to stack.yaml")
        if detection is None:
            yield Objection((), "alerts are expected, but the stack has no Prometheus", "add prometheus:")
            return
        known = [rule.alert for rule in detection.rules]
        if params.alert not in known:
            yield UnknownName.of(("alert",), "alert", params.alert, known)
            return
        same = [one for one in context.scenario.expect.get(self.name, ()) if _alert_of(one) == params.alert]
        if len(same) > 1:
            yield Objection(("alert",), f"alert {params.alert!r} is listed twice", "keep one of the two")
        if len(set(params.channels)) < len(params.channels):
            yield Objection(("channels",), "a channel is listed twice", "keep one of the two")
        limits = params.model_fields_set & {"within", "resolved_within"}
        yield from channel_objections(params.channels, limits, detection)
        bound = detection.bound(params.alert)
        if params.channels and params.within < bound:
            message = (
                f"{params.alert} cannot be sent within {format_duration(params.within)}: until it fires "
            )
            message += f"alone takes {format_duration(bound)}"
            yield Objection(("within",), message, f"write more than {format_duration(bound)}")
        if not context.scenario.timeline:
            yield Objection((), "nothing is broken, so no alert is sent", "add a timeline")

    def collects(self, params: Notification, context: ScenarioContext) -> Iterator[Collect]:
        manager = context.stack.alertmanager
        if manager is not None and (sink := manager.notifications) is not None:
            what = NotificationListing(service=sink.service, port=sink.port, path=sink.path)
            yield Collect(PROBE, what)

    def wait(self, params: Notification, pace: float) -> Wait:
        if params.channels:
            return Wait(watch=params.resolved_within / pace + ALERT_SLACK)
        return Wait(watch=params.group_wait / pace + ALERT_SLACK + WINDOW)  # it may fire as the fault ends

    def asks(self, plan: Plan, params: Notification) -> Iterator[Asked]:
        alert = params.alert
        subject = Subject(kind=SubjectKind.ALERT, name=alert)
        ask = partial(self.asked, subject=subject)
        if not params.channels:
            title, expected = f"alert {alert} is silenced", "it fires, and no channel receives it"
            yield ask(SILENCED, title, expected, dimension=Dimension.HYGIENE)
            return
        where = " and ".join(params.channels)
        soon, late = _limits(plan, params)
        yield ask(
            DELIVERED,
            f"alert {alert} is sent to {where}",
            f"within {span(soon)} of the injection",
            dimension=Dimension.DETECTION,
        )
        yield ask(
            ONCE,
            f"alert {alert} is sent once",
            f"one message each time it fires, to {where} and no other channel",
            dimension=Dimension.HYGIENE,
        )
        yield ask(
            RESOLVED,
            f"the end of alert {alert} is sent",
            f"one message to {where} within {span(late)} of its end",
            dimension=Dimension.HYGIENE,
        )
        yield ask(
            WHOLE,
            f"alert {alert} is rendered whole",
            "labels and annotations are filled in, and no label holds a measured value",
            dimension=Dimension.DETECTION,
        )
        if plan.detection is not None and plan.detection.runbooks is not None:
            title, expected = f"the runbook of alert {alert} exists", "its link leads to a file"
            yield ask(RUNBOOK, title, expected, dimension=Dimension.DETECTION)

    def answers(
        self, recording: Recording, params: Notification, asked: Sequence[Asked]
    ) -> Iterator[CheckResult]:
        plan = recording.plan
        if why := not_comparable(plan, params.alert):
            for one in asked:
                yield one.unknown(f"not comparable at pace {plan.pace:g}: {why}", fix="Run it with --pace 1.")
            return
        record, notified = read_alerts(recording), read_notified(recording)
        soon, late = _limits(plan, params)
        case = NotificationCase(
            record=record,
            notified=notified,
            alert=params.alert,
            channels=params.channels,
            within=soon,
            resolved_within=late,
            # The probes end shortly before the teardown begins, and a reading looks back this far.
            until=(recording.phase_began(Phase.TEARDOWN) or recording.ended) - WINDOW,
            stretches=_stretches(record, params.alert),
            group_wait=params.group_wait / plan.pace,
        )
        for one in asked:
            yield one.settled(partial(_answer, case, one))


def _answer(case: NotificationCase, asked: Asked) -> CheckResult:
    """Nothing passes for an alert that the fault did not cause."""
    result = _ANSWERS[asked.key](case, asked)
    if result.outcome is Outcome.PASS and (why := case.began_before()):
        raise CannotTell(f"{why}, so it proves nothing", evidence=result.evidence)
    return result


def _alert_of(params: CheckParams) -> str:
    return params.alert if isinstance(params, Notification) else ""


def _limits(plan: Plan, params: Notification) -> tuple[float, float]:
    """Real seconds until the message, and until the message about the resolution."""
    return params.within / plan.pace + ALERT_SLACK, params.resolved_within / plan.pace + ALERT_SLACK


def _stretches(record: AlertRecord, alert: str) -> tuple[tuple[float, float | None], ...]:
    """When it fired after the injection, in any series: (start, end); None: to the last reading."""
    found: list[tuple[float, float | None]] = []
    for one in sorted(record.firing(alert), key=lambda stretch: stretch.start):
        if not lasts(one, record.struck):
            continue
        if found and ((end := found[-1][1]) is None or one.start <= end):
            longer = None if end is None or one.end is None else max(end, one.end)
            found[-1] = (found[-1][0], longer)
        else:
            found.append((one.start, one.end))
    return tuple(found)


CHECK = _NotificationCheck()
