"""The results for the notifications of one alert. Instants are on the run axis, lengths real seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from chaos.checks.kit.alerts import AlertRecord, firing_before, pending_before
from chaos.checks.kit.notified import FIRING, Message, NotificationRecord
from chaos.checks.kit.rendering import rendering_problems, runbook_name, runbook_of
from chaos.checks.kit.slowness import AFTERMATH, MissedLimit, excuse_slowness
from chaos.checks.kit.words import count, falling, span
from chaos.model.asked import Asked, CannotTell
from chaos.model.identity import MeasureKey
from chaos.model.notifications import NotifiedAlert
from chaos.model.plan import ALERT_SLACK
from chaos.model.verdict import CheckResult, Evidence, Measure
from chaos.suggestions import known_words
from chaos.timeline.machine import stalls

TIME_TO_NOTIFY = MeasureKey("notification.time_to_notify")  # s, from the injection; the note is the channel
TIME_TO_CLEAR = MeasureKey("notification.time_to_clear")  # s, from the end of the alert
_FIX_ROUTE = (
    "See which route of Alertmanager takes this alert, and whether an inhibition or a silence holds it."
)
_FIX_GROUP = "See group_by, group_interval and repeat_interval of its route, and whether two routes take it."
_FIX_GROUPED = "Let the fault hold for longer than group_interval, and give within: that much more."


@dataclass(frozen=True)
class NotificationCase:
    """What is expected of one alert, and what was recorded. ``within``: real seconds from the injection;
    ``resolved_within``: from the end of the alert. ``stretches``: when Prometheus says that it was firing.
    ``until``: the end of the time in which no wrong message may arrive. ``group_wait``: how long its route
    waits before it sends a first message.
    """

    record: AlertRecord
    notified: NotificationRecord
    alert: str
    channels: tuple[str, ...]
    within: float
    resolved_within: float
    until: float
    stretches: tuple[tuple[float, float | None], ...]
    group_wait: float

    def began_before(self) -> str:
        """Why its messages are not due to the fault: it was active before the injection; empty if not."""
        firing = self.record.firing(self.alert)
        if already := firing_before(self.record, firing):
            return already
        first = next((one for one in firing if one.start >= self.record.struck), None)
        return "was pending already before the injection" if pending_before(self.record, first) else ""

    def excuse_group(self, actual: str, evidence: Sequence[Evidence], arrived: float = inf) -> None:
        """Call it before a late or missing message about the first firing fails. ``arrived``: when it came.

        Raises ``CannotTell`` if the group of the alert explains it: an alert that had fired before the
        injection has a group already. A group sends only every ``group_interval``, which is no longer than
        ``resolved_within``.
        """
        ends = [one.end for one in self.record.firing(self.alert) if one.end is not None]
        over = max((end for end in ends if end <= self.record.struck), default=None)
        if over is None or not self.stretches:
            return
        start, end = self.stretches[0]
        if min(arrived, self.until if end is None else end) - start <= self.resolved_within:
            before = f"it had fired until {span(self.record.struck - over)} before the injection"
            why = f"{actual}, but {before}, and Alertmanager sends a group only every group_interval"
            raise CannotTell(why, evidence=evidence, fix=_FIX_GROUPED)

    def excuse_brief(self, actual: str, evidence: Sequence[Evidence]) -> None:
        """Call it before a missing message fails. Raises ``CannotTell`` if the alert never fired for as long
        as its route waits, and this machine was saturated: Prometheus may have been late.
        """
        if self.stretches and not any(_would_be_sent(self, *stretch) for stretch in self.stretches):
            between = (self.record.struck, self.until)
            excuse_slowness(self.record.recording, between, MissedLimit(actual), evidence=evidence)

    def excuse_order(self, messages: Sequence[Message], actual: str, evidence: Sequence[Evidence]) -> None:
        """Call it before a message about a silenced alert fails. Raises ``CannotTell`` if this machine stood
        still before each: of the alert and its root cause, the wrong one may have fired first.
        """
        found = stalls(self.record.recording, self.record.struck, self.until)
        waits = self.group_wait + AFTERMATH
        if all(any(start <= one.at <= end + waits for start, end in found) for one in messages):
            why = f"{actual}, but this machine had just stood still: its root cause may have fired too late"
            raise CannotTell(why, evidence=evidence)

    def sent(self) -> list[NotifiedAlert]:
        """The alert as in the messages that say that it fires; ``CannotTell`` if there is no message."""
        messages = self.notified.firing(self.alert, self.record.struck)
        if not messages:
            raise CannotTell("no message with this alert was received")
        return [one for message in messages for one in message.of(self.alert, FIRING)]


@dataclass(frozen=True)
class _Arrivals:
    """How long after ``start`` the first message reached each channel; ``limit``: the allowed time."""

    start: float
    limit: float
    taken: Mapping[str, float]
    missing: tuple[str, ...]

    @classmethod
    def of(
        cls, messages: Sequence[Message], channels: Sequence[str], start: float, limit: float
    ) -> _Arrivals:
        first = {c: min((m.at for m in messages if m.channel == c), default=None) for c in channels}
        taken = {channel: max(0.0, at - start) for channel, at in first.items() if at is not None}
        return cls(start, limit, taken, tuple(channel for channel, at in first.items() if at is None))

    @property
    def slowest(self) -> str:
        return max(self.taken, key=lambda channel: self.taken[channel])

    @property
    def latest(self) -> float:
        return self.taken[self.slowest]

    def measures(self, key: MeasureKey, label: str) -> list[Measure]:
        return [
            Measure(key=key, label=label, value=round(seconds, 3), limit=self.limit, note=channel)
            for channel, seconds in self.taken.items()
        ]


def _too_late(
    case: NotificationCase,
    asked: Asked,
    first: _Arrivals,
    actual: str,
    fix: str,
    evidence: Sequence[Evidence],
    measures: Sequence[Measure],
) -> CheckResult:
    """Raises ``CannotTell`` if a saturated machine explains the miss."""
    late = f"{actual}, too late"
    excuse_slowness(
        case.record.recording,
        (first.start, first.start + first.latest),
        MissedLimit(late, measured=first.latest, limit=first.limit),
        evidence=evidence,
        measures=measures,
    )
    fraction = falling(first.latest, first.limit)
    return asked.failed(late, fix=fix, fraction=fraction, evidence=evidence, measures=measures)


def delivered(case: NotificationCase, asked: Asked) -> CheckResult:
    """Did each channel receive it in time?"""
    start, alert = case.record.injected, case.alert
    evidence = case.notified.evidence(alert)
    first = _Arrivals.of(case.notified.firing(alert, case.record.struck), case.channels, start, case.within)
    measures = first.measures(TIME_TO_NOTIFY, "time to notify")
    if missing := first.missing:
        case.notified.require(case.record.struck, start + case.within, evidence)
        why = "" if case.stretches else "; Prometheus says that it never fired"
        actual = f"nothing arrived in {' and '.join(missing)}{why}"
        if not first.taken:
            case.excuse_group(actual, evidence)
            case.excuse_brief(actual, evidence)
        return asked.failed(actual, fix=_FIX_ROUTE, evidence=evidence, measures=measures)
    actual = f"arrived in {first.slowest} {span(first.latest, case.within)} after the injection"
    if first.latest <= case.within:
        return asked.passed(actual, evidence=evidence, measures=measures)
    case.excuse_group(f"{actual}, too late", evidence, start + first.latest)
    return _too_late(case, asked, first, actual, _FIX_ROUTE, evidence, measures)


def once(case: NotificationCase, asked: Asked) -> CheckResult:
    """Was there one message for each firing, in the named channels and in no other?"""
    evidence = case.notified.evidence(case.alert)
    messages = case.notified.firing(case.alert, case.record.struck)
    received = {message.channel for message in messages}
    wrong = sorted(received - set(case.channels))
    allowed = max(1, len(case.stretches))
    often = {channel: sum(m.channel == channel for m in messages) for channel in case.channels}
    found = [f"also sent to {', '.join(wrong)}"] if wrong else []
    found += [
        f"{count(number, 'message')} to {channel}, although it fired {_times(allowed)}"
        for channel, number in often.items()
        if number > allowed
    ]
    if found:
        return asked.failed("; ".join(found), fix=_FIX_GROUP, evidence=evidence)
    case.notified.require(case.record.struck, case.until, evidence)
    if not messages:
        raise CannotTell("no message with this alert was received", evidence=evidence)
    for (_, before), again in pairwise(case.stretches):
        if silent := _not_told(case, before, again, messages):
            since = span(again[0] - case.record.recording.began)
            actual = f"nothing arrived in {' and '.join(silent)} when it fired again {since} into the run"
            if _length(case, again) < case.resolved_within:
                raise CannotTell(f"{actual}; it may have been too briefly", evidence=evidence)
            return asked.failed(actual, fix=_FIX_ROUTE, evidence=evidence)
    return asked.passed(f"{count(len(messages), 'message')} in all", evidence=evidence)


def _not_told(
    case: NotificationCase,
    before: float | None,
    again: tuple[float, float | None],
    messages: Sequence[Message],
) -> list[str]:
    """The channels that no message told that it fired again after it had ended at ``before``, although one
    had said that it was over. An alert that fires again before that is the same to its readers.
    """
    start = again[0]
    if before is None or _length(case, again) < case.group_wait:
        return []
    ends = case.notified.resolved(case.alert, before - case.record.lag(case.alert))
    told = {one.channel for one in ends if one.at <= start}
    late = start + case.resolved_within
    heard = {one.channel for one in messages if start - case.record.lag(case.alert) <= one.at <= late}
    return [channel for channel in case.channels if channel in told - heard]


def _length(case: NotificationCase, firing: tuple[float, float | None]) -> float:
    """Seconds of a firing in which a message about it could have arrived."""
    start, end = firing
    return (case.until if end is None else min(end, case.until)) - start


def resolved(case: NotificationCase, asked: Asked) -> CheckResult:
    """Did each channel receive the message that it resolved?"""
    evidence = case.notified.evidence(case.alert)
    if not case.stretches:
        raise CannotTell("Prometheus says that it never fired, so it did not resolve", evidence=evidence)
    gone = case.stretches[-1][1]
    if gone is None:
        raise CannotTell("it was firing when the data ends", evidence=evidence)
    # Prometheus sends that an alert has resolved at the first evaluation without a sample of it.
    since = gone - case.record.lag(case.alert)
    messages = case.notified.resolved(case.alert, since)
    limit = case.resolved_within
    first = _Arrivals.of(messages, case.channels, gone, limit)
    measures = first.measures(TIME_TO_CLEAR, "time to clear")
    if missing := first.missing:
        case.notified.require(since, gone + limit, evidence)
        actual = f"no message in {' and '.join(missing)} says that it has resolved"
        if not case.notified.firing(case.alert, case.record.struck):
            case.excuse_group(actual, evidence)
        fix = "Set send_resolved for its receiver, and see group_interval of its route."
        return asked.failed(actual, fix=fix, evidence=evidence, measures=measures)
    actual = f"arrived {span(first.latest, limit)} after its end"
    often = [c for c in case.channels if sum(m.channel == c for m in messages) > 1]
    if often:
        actual = f"several messages in {' and '.join(often)} say that it has resolved"
        return asked.failed(actual, fix=_FIX_GROUP, evidence=evidence, measures=measures)
    if first.latest <= limit:
        # A second message may have arrived in a gap of the readings, or after the last reading.
        case.notified.require(since, min(case.until, gone + limit), evidence)
        return asked.passed(actual, evidence=evidence, measures=measures)
    return _too_late(case, asked, first, actual, _FIX_GROUP, evidence, measures)


def whole(case: NotificationCase, asked: Asked) -> CheckResult:
    """Are labels and annotations filled in, and are all labels free of measured values?"""
    sent = case.sent()
    problems = rendering_problems(sent)
    if not problems:
        return asked.passed("every label and annotation is filled in")
    fix = "Fix the templates of the rule. A figure belongs into an annotation: in a label each change of it "
    fix += "makes another alert, and `for` starts again."
    return asked.failed("; ".join(problems), fix=fix)


def readable(case: NotificationCase, asked: Asked) -> CheckResult:
    """Does the link to the runbook lead to a file?"""
    facts = case.record.recording.plan.detection
    known = facts.runbooks if facts is not None and facts.runbooks is not None else ()
    links = list(dict.fromkeys(runbook_of(one) for one in case.sent()))
    dead = [link for link in links if runbook_name(link) not in known]
    if not dead:
        return asked.passed(f"links {', '.join(links)}")
    if "" in dead:
        fix = "Add an annotation runbook_url or a label runbook to the rule."
        return asked.failed("it links no runbook", fix=fix)
    actual = f"no runbook of the stack is {' or '.join(dead)}"
    return asked.failed(actual, fix=known_words(runbook_name(dead[0]), known))


def silenced(case: NotificationCase, asked: Asked) -> CheckResult:
    """Did it fire without being sent to any channel?"""
    evidence = case.notified.evidence(case.alert)
    messages = case.notified.firing(case.alert, case.record.struck)
    if messages:
        channels = ", ".join(dict.fromkeys(message.channel for message in messages))
        after = span(max(0.0, messages[0].at - case.record.injected))
        actual = f"sent to {channels}, first {after} after the injection"
        fix = (
            "See inhibit_rules of Alertmanager: the root cause must fire before its symptom is sent, and as "
        )
        fix += "long as the symptom does."
        case.excuse_order(messages, actual, evidence)
        return asked.failed(actual, fix=fix, evidence=evidence)
    if not case.stretches:
        raise CannotTell("it never fired, so that it was not sent proves nothing", evidence=evidence)
    case.notified.require(case.record.struck, case.until, evidence)
    if not any(_would_be_sent(case, start, end) for start, end in case.stretches):
        wait = span(case.group_wait)
        why = f"it did not fire for {wait}, for which its route waits, and {span(ALERT_SLACK)} to deliver it"
        raise CannotTell(f"{why}: that it was not sent proves nothing", evidence=evidence)
    return asked.passed("it fired, and no channel received it", evidence=evidence)


def _would_be_sent(case: NotificationCase, start: float, end: float | None) -> bool:
    """Would a message about this firing have arrived before ``until``, if nothing had suppressed it?"""
    due = start + case.group_wait
    return due <= (case.until if end is None else end) and due + ALERT_SLACK <= case.until


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
