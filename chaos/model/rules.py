"""What gameday reads out of a Prometheus configuration and its rule files, in production seconds."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from chaos.model.base import Frozen
from chaos.patterns import pattern


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
        """Does a series with these labels meet it? A label that is not there counts as empty.

        Raises ``PatternError`` for what is no regular expression.
        """
        given = labels.get(self.label, "")
        if self.kind in (MatchKind.EQUAL, MatchKind.NOT_EQUAL):
            return (given == self.value) == (self.kind is MatchKind.EQUAL)
        # DOTALL, and the whole value: so Prometheus compiles it (`^(?s:...)$`).
        found = pattern(self.value, dot_all=True).is_all_of(given)
        return found == (self.kind is MatchKind.REGEX)


class Selector(Frozen):
    """Which series one selector of an expression reads.

    ``family`` is the metric's name; empty when only a pattern on ``__name__`` says it. ``may_be_empty`` is
    true where the expression provides for no series at all: inside ``absent``, on both sides of ``or``, and
    right of ``unless``. ``through`` names the recording rule that reads it; empty for the alert itself.
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
    """What the pace does to the meaning of one part of an expression."""

    SAME = "same"  # it looks as if it depended on the pace, and does not
    TRANSLATED = "translated"  # the compressed copy says it in other words
    LOST = "lost"  # no translation is exact: the alert is comparable at pace 1 only


class PaceNote(Frozen):
    """One part of an expression on which the pace acts, and why; ``text`` is a sentence for people."""

    part: str
    effect: PaceEffect
    text: str


class Target(Frozen):
    """One scrape target that the configuration lists: the labels that Prometheus gives its series."""

    job: str
    instance: str  # host:port, as Prometheus dials it
    labels: dict[str, str] = {}

    @property
    def host(self) -> str:
        return self.instance.rpartition(":")[0] or self.instance


class AlertRule(Frozen):
    """One alerting rule.

    ``window`` is how far back the expression reads: ranges, subqueries and offsets, also those of the
    recording rules before it. ``upstream`` is what these rules add: their evaluation intervals and query
    offsets. ``scrape`` and ``interval`` are None where the global intervals hold; so are recordings of
    earlier versions read. ``baseline`` is how far back a second reading lies that this one is compared with
    (``x < 0.5 * x offset 1h``); 0 without one.
    """

    alert: str
    expr: str
    hold: float = 0.0  # the rule's `for`
    window: float = 0.0
    severity: str = ""
    summary: str = ""
    runbook: str = ""
    labels: dict[str, str] = {}  # that the rule adds, as they are written; empty before they were kept
    annotations: dict[str, str] = {}
    keep_firing: float = 0.0  # `keep_firing_for`
    interval: float | None = None  # evaluation interval of its group
    query_offset: float = 0.0  # of its group, or of the configuration
    scrape: float | None = None  # the slowest interval of the jobs that it may read
    upstream: float = 0.0
    baseline: float = 0.0
    reads_now: bool = True  # False: only fixed instants (`@ 1609746000`), which no fault changes
    unread: str = ""  # why the expression could not be parsed, so that no bound of it is known
    selectors: tuple[Selector, ...] = ()
    pace_notes: tuple[PaceNote, ...] = ()

    @property
    def reads_nothing(self) -> bool:
        """Does it read no series at all, as a dead-man's switch (``vector(1)``)? Then no fault changes it."""
        return not (self.reads_now or self.selectors or self.unread)

    @property
    def lost_at_a_pace(self) -> tuple[PaceNote, ...]:
        """Why it means something else at every pace but 1; empty where it does not."""
        return tuple(note for note in self.pace_notes if note.effect is PaceEffect.LOST)


class DetectionFacts(Frozen):
    """The rules, the targets and the two global intervals that bound how fast anything can be detected."""

    scrape_interval: float
    evaluation_interval: float
    rules: tuple[AlertRule, ...] = ()
    targets: tuple[Target, ...] = ()
    runbooks: tuple[str, ...] | None = None  # names of the stack's runbooks; None: unknown

    def rule(self, alert: str) -> AlertRule | None:
        return next((rule for rule in self.rules if rule.alert == alert), None)

    @property
    def always_firing(self) -> frozenset[str]:
        """The alerts whose rules all read no series: dead-man's switches."""
        reading = {rule.alert for rule in self.rules if not rule.reads_nothing}
        return frozenset(rule.alert for rule in self.rules) - reading

    def evaluated_every(self, alert: str) -> float:
        """Seconds between two evaluations of ``alert``: of its group, or the global interval."""
        rule = self.rule(alert)
        if rule is None or rule.interval is None:
            return self.evaluation_interval
        return rule.interval

    @property
    def slowest_evaluation(self) -> float:
        """Seconds after which every rule has been evaluated once more."""
        return max(
            (self.evaluated_every(rule.alert) for rule in self.rules), default=self.evaluation_interval
        )

    def learns_within(self, alert: str) -> float:
        """Seconds after which the rules behind ``alert`` have seen a sample: its bound, without windows and
        without ``for``. What Prometheus learns so late is no fault of the rule.
        """
        rule = self.rule(alert)
        if rule is None:
            return self.scrape_interval + self.evaluation_interval
        return sum(seconds for _, seconds in self._pipeline(rule)) - rule.window

    def not_comparable(self, alert: str, pace: float) -> str:
        """Why ``alert`` may not be judged at this pace, as a sentence; empty where it may be."""
        rule = self.rule(alert)
        lost = rule.lost_at_a_pace if rule is not None and pace != 1 else ()
        return "; ".join(f"{note.part}: {note.text}" for note in lost)

    def bound(self, alert: str) -> float:
        """Seconds after which a lasting fault must have fired ``alert``: the sum of ``bound_parts``.

        A deadline below it cannot be met, so it is refused. KeyError if
        unknown.
        """
        return sum(seconds for _, seconds in self.bound_parts(alert))

    def bound_parts(self, alert: str) -> tuple[tuple[str, float], ...]:
        """(what, seconds) of all that passes before a lasting fault has fired ``alert``.

        KeyError if unknown.
        """
        rule = self._known(alert)
        return (*self._pipeline(rule), ("for", rule.hold))

    def lingers(self, alert: str) -> float:
        """Seconds for which ``alert`` may go on firing once its condition has ended. KeyError if unknown."""
        return sum(seconds for _, seconds in self.lingering_parts(alert))

    def lingering_parts(self, alert: str) -> tuple[tuple[str, float], ...]:
        """(what, seconds) of all that passes before ``alert`` has resolved. KeyError if unknown."""
        rule = self._known(alert)
        kept = (("keep_firing_for", rule.keep_firing),) if rule.keep_firing else ()
        return (*self._pipeline(rule), *kept)

    def _known(self, alert: str) -> AlertRule:
        rule = self.rule(alert)
        if rule is None:
            raise KeyError(alert)
        return rule

    def _pipeline(self, rule: AlertRule) -> tuple[tuple[str, float], ...]:
        scrape = self.scrape_interval if rule.scrape is None else rule.scrape
        interval = self.evaluated_every(rule.alert)
        rare = (("recording rules", rule.upstream), ("query offset", rule.query_offset))
        return (
            ("rate window", rule.window),
            ("scrape", scrape),
            *((what, seconds) for what, seconds in rare if seconds),
            ("evaluation", interval),
        )
