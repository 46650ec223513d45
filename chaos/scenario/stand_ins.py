"""Checks the stand-ins of stack.yaml against the rule files: each must replace a number of a rule."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chaos.errors import BadInput, Problem
from chaos.model.stack import PrometheusFacts, Stack
from chaos.scenario.places import Document, Loc, read_document
from chaos.suggestions import known_words


def check_stand_ins(stack: Stack, root: Path, document: Document) -> Iterator[Problem]:
    """Skips a rule file that cannot be read: the reader of the rules reports what is wrong with it."""
    facts = stack.prometheus
    if facts is None or not facts.stand_ins:
        return
    expressions = _expressions(facts, root)
    if expressions is None:
        return
    for alert, stand_in in facts.stand_ins.items():
        loc: Loc = ("prometheus", "stand_ins", alert)
        if alert not in expressions:
            yield document.problem(loc, f"unknown alert {alert!r}", known_words(alert, expressions), key=True)
            continue
        known = _thresholds(expressions[alert])
        if stand_in.threshold not in known:
            numbers = " or ".join(f"{one:g}" for one in known) or "no number"
            message = f"{alert} compares with {numbers}, not with {stand_in.threshold:g}"
            yield document.problem((*loc, "threshold"), message, "write the number from the rule")


def _expressions(facts: PrometheusFacts, root: Path) -> dict[str, list[str]] | None:
    """Alert -> its expressions, one for each rule of that name; None if a file cannot be read."""
    found: dict[str, list[str]] = {}
    for file in facts.rules:
        try:
            document = read_document(root / file, file)
        except BadInput:
            return None
        groups = document.at(("groups",))
        for group in groups if isinstance(groups, list) else ():
            rules = group.get("rules") if isinstance(group, dict) else None
            for rule in rules if isinstance(rules, list) else ():
                if isinstance(rule, dict) and "alert" in rule:
                    found.setdefault(str(rule["alert"]), []).append(str(rule.get("expr", "")))
    return found


def _thresholds(expressions: list[str]) -> tuple[float, ...]:
    # Imported here, so that a stack without stand-ins does not load the parser.
    from chaos.promql.syntax import NotPromql
    from chaos.promql.threshold import thresholds_of

    found: list[float] = []
    for expr in expressions:
        try:
            found += thresholds_of(expr)
        except NotPromql:
            continue
    return tuple(dict.fromkeys(found))
