"""Reads rule files: every rule with its parsed expression, and the alerts that all of them define."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from promql_parser import Expr

from chaos.errors import Problem
from chaos.model.rules import AlertRule, PaceEffect, PaceNote
from chaos.promql.meaning import notes_of
from chaos.promql.pipeline import Pipeline, SamplePath, SourceRule
from chaos.promql.syntax import NotPromql, parse
from chaos.scenario.places import Document, Loc
from chaos.scenario.prometheus import PrometheusConfig, duration_at


@dataclass(frozen=True)
class ReadRule:
    """One rule of a file: the parts that the pipeline needs, and the parts that only people read."""

    source: SourceRule
    expr: str
    unread: str = ""  # why the parser cannot read the expression
    keep_firing: float = 0.0
    labels: Mapping[str, str] | None = None
    notes: Mapping[str, str] | None = None


def read_rules(document: Document, config: PrometheusConfig, problems: list[Problem]) -> Iterator[ReadRule]:
    """The rules of one file, in file order. Adds to ``problems`` whatever it cannot read."""
    groups = document.at(("groups",))
    if not isinstance(groups, list):
        problems.append(document.problem(("groups",), "expected a list of rule groups under 'groups'"))
        return
    for g in range(len(groups)):
        loc: Loc = ("groups", g)
        interval = _own_or(document, (*loc, "interval"), problems, config.evaluation_interval)
        offset = _own_or(document, (*loc, "query_offset"), problems, config.query_offset)
        entries = document.at((*loc, "rules"))
        for r, body in enumerate(entries if isinstance(entries, list) else ()):
            if isinstance(body, dict) and ("alert" in body or "record" in body):
                place = (*loc, "rules", r)
                yield _rule(document, place, body, problems, interval=interval, offset=offset)


def alert_rules(rules: Sequence[ReadRule], config: PrometheusConfig) -> tuple[AlertRule, ...]:
    """Every alerting rule, with the delays that the recording rules on its path add to it."""
    pipeline = Pipeline([rule.source for rule in rules], config.scrape_interval, config.jobs)
    by_source = {id(rule.source): rule for rule in rules}
    return tuple(
        _alert(rule, pipeline, [by_source[id(source)] for source in pipeline.sources(rule.source)])
        for rule in rules
        if rule.source.is_alert
    )


def _rule(
    document: Document,
    loc: Loc,
    body: Mapping[str, object],
    problems: list[Problem],
    interval: float,
    offset: float,
) -> ReadRule:
    expr = str(body.get("expr", ""))
    tree, unread = _parsed(expr)
    source = SourceRule(
        name=str(body["alert"] if "alert" in body else body["record"]),
        is_alert="alert" in body,
        tree=tree,
        group=f"{document.file} {loc[1]}",
        place=int(loc[-1]),
        interval=interval,
        query_offset=offset,
        hold=duration_at(document, (*loc, "for"), problems, "0s"),
    )
    return ReadRule(
        source=source,
        expr=expr,
        unread=unread,
        keep_firing=duration_at(document, (*loc, "keep_firing_for"), problems, "0s"),
        labels=_texts(body.get("labels")),
        notes=_texts(body.get("annotations")),
    )


def _parsed(expr: str) -> tuple[Expr | None, str]:
    try:
        return parse(expr), ""
    except NotPromql as error:
        return None, str(error)


def _alert(rule: ReadRule, pipeline: Pipeline, sources: Sequence[ReadRule]) -> AlertRule:
    source, labels, notes = rule.source, rule.labels or {}, rule.notes or {}
    readings = pipeline.readings(source)
    slowest = max(readings, key=lambda one: one.total, default=SamplePath(scrape=pipeline.scrape_interval))
    return AlertRule(
        alert=source.name,
        expr=rule.expr,
        hold=source.hold,
        window=slowest.window + slowest.shift,
        severity=labels.get("severity", ""),
        summary=notes.get("summary", notes.get("description", "")),
        runbook=notes.get("runbook", notes.get("runbook_url", labels.get("runbook", ""))),
        labels=dict(labels),
        annotations=dict(notes),
        keep_firing=rule.keep_firing,
        interval=source.interval,
        query_offset=source.query_offset,
        scrape=slowest.scrape,
        upstream=slowest.upstream,
        baseline=pipeline.baseline(source),
        reads_now=bool(readings) or source.tree is None,
        unread=rule.unread,
        selectors=pipeline.selectors(source),
        pace_notes=tuple(_pace_notes(rule, sources)),
    )


def _pace_notes(rule: ReadRule, sources: Sequence[ReadRule]) -> Iterator[PaceNote]:
    for one in (rule, *sources):
        if one.source.tree is None:
            yield PaceNote(part=one.expr, effect=PaceEffect.LOST, text=one.unread)
            continue
        for note in notes_of(one.source.tree):
            through = "" if one is rule else f" (in {one.source.name})"
            yield note.model_copy(update={"part": note.part + through})


def _own_or(document: Document, loc: Loc, problems: list[Problem], default: float) -> float:
    return default if document.at(loc) is None else duration_at(document, loc, problems, "0s")


def _texts(value: object) -> dict[str, str]:
    return {str(key): str(text) for key, text in value.items()} if isinstance(value, Mapping) else {}
