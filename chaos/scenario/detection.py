"""What a Prometheus configuration says about how fast something can be detected."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from chaos.errors import BadInput, Problem
from chaos.model.rules import AlertRule, DetectionFacts
from chaos.model.stack import Stack
from chaos.scenario.places import Document, Loc, read_document
from chaos.timing import parse_duration

_DEFAULT_INTERVAL = "1m"  # Prometheus's own default of both intervals (its configuration reference)
_YEAR = re.compile(r"(\d+)y")
_TEXT_OR_COMMENT = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|#[^\n]*""")
_RANGE = re.compile(r"\[\s*([0-9a-z]+)\s*(?::[^\]]*)?\]")


def read_detection(stack: Stack, root: Path, shown_root: str | None = None) -> DetectionFacts | None:
    """Intervals and alerting rules of a stack, in production seconds; None for a stack without Prometheus.

    ``root`` is the folder of stack.yaml. BadInput names every unreadable duration and every broken rule file.
    The intervals are the global ones of the configuration.
    """
    facts = stack.prometheus
    if facts is None:
        return None
    shown = shown_root if shown_root is not None else str(root)
    problems: list[Problem] = []
    intervals = {"scrape_interval": 0.0, "evaluation_interval": 0.0}
    try:
        config = read_document(root / facts.config, f"{shown}/{facts.config}")
        for key in intervals:
            intervals[key] = _duration(config, ("global", key), problems, _DEFAULT_INTERVAL)
    except BadInput as bad:
        problems.extend(bad.problems)
    rules: list[AlertRule] = []
    for file in facts.rules:
        try:
            document = read_document(root / file, f"{shown}/{file}")
        except BadInput as bad:
            problems.extend(bad.problems)
            continue
        rules.extend(_rules(document, problems))
    if problems:
        raise BadInput(problems)
    return DetectionFacts(**intervals, rules=tuple(rules))


def _rules(document: Document, problems: list[Problem]) -> Iterator[AlertRule]:
    groups = document.at(("groups",))
    if not isinstance(groups, list):
        problems.append(document.problem(("groups",), "expected a list of rule groups under 'groups'"))
        return
    for g in range(len(groups)):
        entries = document.at(("groups", g, "rules"))
        for r, body in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(body, dict) and "alert" in body:
                yield _rule(document, ("groups", g, "rules", r), body, problems)


def _rule(document: Document, loc: Loc, body: Mapping[str, object], problems: list[Problem]) -> AlertRule:
    expr = str(body.get("expr", ""))
    labels, notes = _texts(body.get("labels")), _texts(body.get("annotations"))
    return AlertRule(
        alert=str(body["alert"]),
        expr=expr,
        hold=_duration(document, (*loc, "for"), problems, "0s"),
        window=longest_range(expr),
        severity=labels.get("severity", ""),
        summary=notes.get("summary", notes.get("description", "")),
        runbook=notes.get("runbook", notes.get("runbook_url", labels.get("runbook", ""))),
    )


def _texts(value: object) -> dict[str, str]:
    return {str(key): str(text) for key, text in value.items()} if isinstance(value, Mapping) else {}


def _duration(document: Document, loc: Loc, problems: list[Problem], default: str) -> float:
    given = document.at(loc)
    try:
        return prometheus_seconds(default if given is None else str(given))
    except ValueError as error:
        problems.append(document.problem(loc, f"{loc[-1]}: {error}"))
        return 0.0


def prometheus_seconds(text: str) -> float:
    """Seconds of a duration as Prometheus writes it: like ours, and years of 365 days; a bare ``0`` too."""
    if text == "0":
        return 0.0
    return parse_duration(_YEAR.sub(lambda match: f"{int(match[1]) * 365}d", text))


def longest_range(expr: str) -> float:
    """Seconds of the longest range selector or subquery of a PromQL expression, 0 without one."""
    bare = _TEXT_OR_COMMENT.sub("", expr)
    longest = 0.0
    for match in _RANGE.finditer(bare):
        try:
            longest = max(longest, prometheus_seconds(match[1]))
        except ValueError:
            continue  # promtool judges expressions, not we
    return longest
