"""Do the rules read series that exist? An alert whose selector matches nothing can never fire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chaos.checks.kit.words import count
from chaos.model.asked import Asked, CannotTell
from chaos.model.identity import EvidenceKind
from chaos.model.rules import AlertRule, Matcher, MatchKind, Selector
from chaos.model.verdict import CheckResult, Evidence
from chaos.patterns import PatternError
from chaos.timeline.recording import Recording, SelectorSeen

_COUNTERS = ("_total", "_count", "_sum", "_bucket")  # their series appear at the first event of their kind
_TARGET_LABELS = ("job", "instance")
_FIX = (
    "Compare the labels of the selector with those that the metric has in Prometheus: a name or a value is "
    "wrong, or the exporter no longer writes it."
)


def alive(recording: Recording, rules: Sequence[AlertRule], asked: Asked) -> CheckResult:
    """FAIL if the metric exists and the selector can match none of its series.

    The result only mentions a metric that does not exist: a metric of another scenario may be missing with
    its service. It also only mentions a counter without a series that the first such event would create.
    """
    found = recording.metrics.selectors
    if found is None:
        raise CannotTell("the recording does not say what the selectors of the rules matched")
    by_text = {one.selector: one for one in found}
    targets = [one.labels for one in recording.metrics.targets or ()]
    dead: list[str] = []
    said: list[str] = []
    unknown: list[str] = []
    number = 0
    for rule in rules:
        for selector in rule.selectors:
            number += 1
            seen = by_text.get(str(selector))
            text = f"{rule.alert}: {selector}"
            if seen is None or seen.series is None:
                unknown.append(f"{text}: {seen.detail if seen is not None else 'not asked'}")
            elif seen.series == 0 and not selector.may_be_empty:
                why = _certain(selector, seen, targets)
                (dead if why else said).append(f"{text}: {why or _perhaps(seen)}")
    evidence = [Evidence(text=one, kind=EvidenceKind.ALERT) for one in (*dead, *said, *unknown)]
    if dead:
        return asked.failed(
            f"{count(len(dead), 'selector')} can match nothing: {'; '.join(dead)}",
            fix=_FIX,
            evidence=evidence,
        )
    if unknown:
        raise CannotTell(f"{count(len(unknown), 'selector')} could not be asked", evidence=evidence)
    empty = f", {count(len(said), 'selector')} without a series in this run" if said else ""
    return asked.passed(f"{count(number, 'selector')}{empty}", evidence=evidence)


def _perhaps(seen: SelectorSeen) -> str:
    if not seen.family_series:
        return "the metric does not exist"
    return "no series yet: a counter has one from the first such event on"


def _certain(selector: Selector, seen: SelectorSeen, targets: Sequence[Mapping[str, str]]) -> str:
    """Why no series of an existing metric can match; empty: one may still appear, or there is no metric."""
    if not seen.family_series:
        return ""
    for matcher in selector.matchers:
        if matcher.label == "__name__" or _matches(matcher, {}):
            continue  # a series without the label matches too
        if matcher.label in _TARGET_LABELS and targets and not any(_matches(matcher, one) for one in targets):
            return f"no target has {matcher.label}{matcher.kind}{matcher.value}"
        if seen.family_labels is not None and matcher.label not in seen.family_labels:
            return f"the metric has no label {matcher.label}"
    if selector.family.endswith(_COUNTERS):
        return ""
    return "the metric is there, and none of its series matches"


def _matches(matcher: Matcher, labels: Mapping[str, str]) -> bool:
    """A pattern that cannot be parsed counts as a match."""
    try:
        return matcher.matches(labels)
    except PatternError:
        return matcher.kind is MatchKind.REGEX
