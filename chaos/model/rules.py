"""What gameday reads from a Prometheus configuration and its rule files. Lengths in production seconds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from chaos.model.base import Frozen
from chaos.patterns import pattern

_CONSTANT = re.compile(r"[\s(]*(vector[\s(]*)?[+-]?\d+(\.\d*)?[\s)]*")


class MatchKind(StrEnum):
    """How a matcher compares a label with its value; regular expressions match the whole value."""

    EQUAL = "="
    NOT_EQUAL = "!="
    REGEX = "=~"
    NOT_REGEX = "!~"


class Matcher(Frozen):
    """One condition on a label of a series, such as ``job="api"``."""

    label: str
    kind: MatchKind
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Does a series with these labels match? A missing label counts as empty.

        Raises ``PatternError`` for a value that is not a regular expression.
        """
        given = labels.get(self.label, "")
        if self.kind in (MatchKind.EQUAL, MatchKind.NOT_EQUAL):
            return (given == self.value) == (self.kind is MatchKind.EQUAL)
        # DOTALL and the whole value, as Prometheus compiles it (`^(?s:...)$`).
        found = pattern(self.value, dot_all=True).is_all_of(given)
        return found == (self.kind is MatchKind.REGEX)


class Selector(Frozen):
    """Which series one selector of an expression reads.

    ``family``: the name of the metric; empty if only a pattern on ``__name__`` selects it. ``may_be_empty``:
    the expression works without any series, as inside ``absent``, on both sides of ``or``, and right of
    ``unless``. ``through``: the recording rule that reads it; empty for the alert itself.
    """

    family: str
    matchers: tuple[Matcher, ...] = ()
    may_be_empty: bool = False
    through: str = ""

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Does it select a series with these labels, ``__name__`` among them? Raises ``PatternError``."""
        if self.family and labels.get("__name__", "") != self.family:
            return False
        return all(matcher.matches(labels) for matcher in self.matchers)

    def __str__(self) -> str:
        inner = ", ".join(f'{one.label}{one.kind}"{one.value}"' for one in self.matchers)
        return f"{self.family}{{{inner}}}" if inner or not self.family else self.family


class PaceEffect(StrEnum):
    """How the pace changes the meaning of one part of an expression."""

    SAME = "same"  # it does not, although it looks as if it did
    TRANSLATED = "translated"  # the rule for the run is rewritten to mean the same
    LOST = "lost"  # there is no exact translation: the alert can be judged at pace 1 only


class PaceNote(Frozen):
    """One part of an expression that the pace affects. ``text``: why, a sentence for people."""

    part: str
    effect: PaceEffect
    text: str


class ScrapeTarget(Frozen):
    """One scrape target of the configuration. ``labels``: those that Prometheus adds to its series."""

    job: str
    instance: str  # host:port, as Prometheus dials it
    labels: dict[str, str] = {}

    @property
    def host(self) -> str:
        return self.instance.rpartition(":")[0] or self.instance


class AlertRule(Frozen):
    """One alerting rule.

    ``window``: how far back the expression reads (ranges, subqueries and offsets), including the recording
    rules that it reads. ``upstream``: the evaluation intervals and query offsets of these rules. ``scrape``
    and ``interval`` None: the global intervals, also in recordings of earlier versions. ``baseline``: how far
    back the value is with which the present is compared (``x < 0.5 * x offset 1h``); 0 without one.
    """

    alert: str
    expr: str
    hold: float = 0.0  # the rule's `for`
    window: float = 0.0
    severity: str = ""
    summary: str = ""
    runbook: str = ""
    labels: dict[str, str] = {}  # those that the rule adds, as written; empty in old recordings
    annotations: dict[str, str] = {}
    keep_firing: float = 0.0  # `keep_firing_for`
    interval: float | None = None  # evaluation interval of its group
    query_offset: float = 0.0  # of its group, or of the configuration
    scrape: float | None = None  # the longest interval of the jobs that the rule may read
    upstream: float = 0.0
    baseline: float = 0.0
    reads_now: bool = True  # False: only fixed instants (`@ 1609746000`), which no fault changes
    unread: str = ""  # why the expression could not be parsed, so that no bound of it is known
    selectors: tuple[Selector, ...] = ()
    pace_notes: tuple[PaceNote, ...] = ()

    @property
    def reads_nothing(self) -> bool:
        """Does it read no series, like a dead-man's switch (``vector(1)``) or an alert by the time of day
        (``hour() < 6``)? Then no fault changes it.
        """
        return not (self.reads_now or self.selectors or self.unread)

    @property
    def always_fires(self) -> bool:
        """Is its expression one constant number? A comparison or a look at the clock may have no value."""
        return self.reads_nothing and _CONSTANT.fullmatch(self.expr) is not None

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Can an alert with exactly these labels come from this rule?"""
        return all(labels.get(name) == value for name, value in set_labels(self.labels))

    def may_have(self, labels: Mapping[str, str]) -> bool:
        """May its alerts have these labels, among others? A label that the rule sets has no other value."""
        return all(labels.get(name, value) == value for name, value in set_labels(self.labels))

    def not_comparable(self, pace: float) -> str:
        """Why it cannot be judged at this pace, for people; empty if it can."""
        lost = self.lost_at_a_pace if pace != 1 else ()
        return "; ".join(f"{note.part}: {note.text}" for note in lost)

    @property
    def lost_at_a_pace(self) -> tuple[PaceNote, ...]:
        """The notes why the rule means something else at any pace but 1; empty if it does not."""
        return tuple(note for note in self.pace_notes if note.effect is PaceEffect.LOST)


def set_labels(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The labels of a rule whose values are known beforehand: Prometheus fills in templates at run time."""
    return tuple((name, value) for name, value in labels.items() if value and "{{" not in value)


class DetectionFacts(Frozen):
    """The rules, targets and global intervals of a Prometheus, which limit how fast it can detect a fault.

    Several rules may have one name: they differ in the labels that they set, such as a severity. Where
    ``labels`` may be given, only the rules count whose alerts may have them.
    """

    scrape_interval: float
    evaluation_interval: float
    rules: tuple[AlertRule, ...] = ()
    targets: tuple[ScrapeTarget, ...] = ()
    runbooks: tuple[str, ...] | None = None  # names of the stack's runbooks; None: unknown
    channels: tuple[str, ...] | None = None  # of its Alertmanager; None: unknown

    def rule(self, alert: str) -> AlertRule | None:
        """The first rule of this name."""
        return next((rule for rule in self.rules if rule.alert == alert), None)

    def rules_of(self, alert: str, labels: Mapping[str, str] | None = None) -> tuple[AlertRule, ...]:
        """The rules whose alerts have this name and may have these labels, among others."""
        return tuple(rule for rule in self.rules if rule.alert == alert and rule.may_have(labels or {}))

    def rule_behind(self, alert: str, labels: Mapping[str, str]) -> AlertRule | None:
        """The rule of an alert with exactly these labels: of those that fit, the one that sets the most of
        them, then the slowest.
        """
        named = self.rules_of(alert)
        fitting = [rule for rule in named if rule.fits(labels)]
        return max(fitting or named[:1], key=self._closeness, default=None)

    def _closeness(self, rule: AlertRule) -> tuple[int, float]:
        return len(set_labels(rule.labels)), self.interval_of(rule)

    @property
    def always_firing(self) -> frozenset[str]:
        """The names of dead-man's switches. Each evaluation writes a sample of one."""
        return frozenset(rule.alert for rule in self.rules if rule.always_fires)

    @property
    def reading_nothing(self) -> frozenset[str]:
        """The names of alerts none of whose rules reads a series: no fault makes them fire or resolve."""
        reading = {rule.alert for rule in self.rules if not rule.reads_nothing}
        return frozenset(rule.alert for rule in self.rules) - reading

    def interval_of(self, rule: AlertRule) -> float:
        """Seconds between two evaluations of a rule: the interval of its group, else the global one."""
        return self.evaluation_interval if rule.interval is None else rule.interval

    def evaluated_every(self, alert: str) -> float:
        """Seconds between two evaluations of ``alert``; of its slowest rule, if it has several."""
        found = (self.interval_of(rule) for rule in self.rules_of(alert))
        return max(found, default=self.evaluation_interval)

    @property
    def slowest_evaluation(self) -> float:
        """The longest evaluation interval of all alerts, in seconds."""
        return max((self.interval_of(rule) for rule in self.rules), default=self.evaluation_interval)

    def learns_of(self, rule: AlertRule) -> float:
        """Seconds after which a rule has read a sample: its bound without windows and without ``for``. This
        delay is not the rule's fault.
        """
        return sum(seconds for _, seconds in self._pipeline(rule)) - rule.window

    def learns_within(self, alert: str, labels: Mapping[str, str] | None = None) -> float:
        """Seconds after which the slowest rule of ``alert`` has read a sample. Works for an unknown alert."""
        found = (self.learns_of(rule) for rule in self.rules_of(alert, labels))
        return max(found, default=self.scrape_interval + self.evaluation_interval)

    def not_comparable(self, alert: str, pace: float, labels: Mapping[str, str] | None = None) -> str:
        """Why ``alert`` cannot be judged at this pace, for people; empty if it can. One rule is enough: a
        firing may be its own.
        """
        found = (rule.not_comparable(pace) for rule in self.rules_of(alert, labels))
        return "; ".join(dict.fromkeys(why for why in found if why))

    def bound(self, alert: str, labels: Mapping[str, str] | None = None) -> float:
        """Seconds within which ``alert`` fires after a lasting fault began: the sum of ``bound_parts``.

        No deadline below it can be promised, so gameday refuses one. KeyError for an unknown alert.
        """
        return _total(self.bound_parts(alert, labels))

    def bound_parts(
        self, alert: str, labels: Mapping[str, str] | None = None
    ) -> tuple[tuple[str, float], ...]:
        """(what, seconds) of every delay before a lasting fault fires the fastest rule of ``alert``. KeyError
        if it is unknown.
        """
        parts = ((*self._pipeline(rule), ("for", rule.hold)) for rule in self._known(alert, labels))
        return min(parts, key=_total)

    def lingers(self, alert: str, labels: Mapping[str, str] | None = None) -> float:
        """Seconds for which ``alert`` may keep firing after its condition ended. KeyError if unknown."""
        return _total(self.lingering_parts(alert, labels))

    def lingering_parts(
        self, alert: str, labels: Mapping[str, str] | None = None
    ) -> tuple[tuple[str, float], ...]:
        """(what, seconds) of every delay before the slowest rule of ``alert`` resolves. KeyError if it is
        unknown.
        """
        return max((self._lingering(rule) for rule in self._known(alert, labels)), key=_total)

    def _lingering(self, rule: AlertRule) -> tuple[tuple[str, float], ...]:
        kept = (("keep_firing_for", rule.keep_firing),) if rule.keep_firing else ()
        return (*self._pipeline(rule), *kept)

    def _known(self, alert: str, labels: Mapping[str, str] | None) -> tuple[AlertRule, ...]:
        """Its rules; all of that name if none may have the labels."""
        rules = self.rules_of(alert, labels) or self.rules_of(alert)
        if not rules:
            raise KeyError(alert)
        return rules

    def _pipeline(self, rule: AlertRule) -> tuple[tuple[str, float], ...]:
        scrape = self.scrape_interval if rule.scrape is None else rule.scrape
        rare = (("recording rules", rule.upstream), ("query offset", rule.query_offset))
        return (
            ("rate window", rule.window),
            ("scrape", scrape),
            *((what, seconds) for what, seconds in rare if seconds),
            ("evaluation", self.interval_of(rule)),
        )


def _total(parts: Iterable[tuple[str, float]]) -> float:
    return sum(seconds for _, seconds in parts)
