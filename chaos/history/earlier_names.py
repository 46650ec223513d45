"""The keys of results and measures that were stored before results and measures had keys.

Up to version 2 of the history and version 1 of verdict.json, a title identified a result and a label
identified a measure. This module holds the titles and labels of that time. Never change them: they are in
files on users' disks. Never add any: newer results are stored with their keys.
"""

from __future__ import annotations

import re

from pydantic import JsonValue
from pydantic_core import from_json

from chaos.model import identity
from chaos.model.identity import MeasureKey, ResultKey, Subject, SubjectKind
from chaos.model.verdict import VERDICT_VERSION, Verdict

_IN_BUDGET = "recovery.within_budget"
_RESULTS: tuple[tuple[str, str, str, SubjectKind], ...] = (  # check, title, key, kind of subject
    ("backups", r"backup (?P<name>.+)", "backups.sound", SubjectKind.BACKUP),
    ("breaker", r"breaker (?P<name>.+) goes its way", "breaker.path", SubjectKind.BREAKER),
    ("breaker", r"breaker (?P<name>.+) opens", "breaker.opens", SubjectKind.BREAKER),
    ("breaker", r"breaker (?P<name>.+) fails fast", "breaker.fails_fast", SubjectKind.BREAKER),
    ("breaker", r"breaker (?P<name>.+) closes", "breaker.closes", SubjectKind.BREAKER),
    ("data", r"(?P<name>[^:]+): what was acknowledged is kept", "data.kept", SubjectKind.LEDGER),
    ("data", r"(?P<name>[^:]+): loss stays within the RPO", "data.kept", SubjectKind.LEDGER),
    ("data", r"(?P<name>[^:]+): each write is there once, .+", "data.sound", SubjectKind.LEDGER),
    ("data", r"(?P<name>[^:]+): recovered to just before .+", "data.point_in_time", SubjectKind.LEDGER),
    ("degradation", r"(?P<name>.+) degrades as promised", "degradation.as_promised", SubjectKind.REQUEST),
    ("detection", r"alert (?P<name>.+) fires", "detection.fires", SubjectKind.ALERT),
    ("detection", r"alert (?P<name>.+) resolves", "detection.resolves", SubjectKind.ALERT),
    ("detection", r"no wrong alert fires(?P<name>)", "detection.no_other", SubjectKind.RUN),
    ("fault_effect", r"(?P<name>.+) takes effect", "fault_effect.takes_effect", SubjectKind.STEP),
    ("fault_effect", r"(?P<name>.+) is undone", "fault_effect.undone", SubjectKind.STEP),
    ("fault_effect", r"(?P<name>.+) is answered", "fault_effect.answered", SubjectKind.STEP),
    ("left_clean", r"nothing is left behind(?P<name>)", "left_clean.nothing_left", SubjectKind.RUN),
    ("procedure", r"procedure (?P<name>.+) works", "procedure.completed", SubjectKind.PROCEDURE),
    ("recovery", r"clients recover within the RTO(?P<name>)", "recovery.within_rto", SubjectKind.CLIENTS),
    ("recovery", r"clients recover within the budget(?P<name>)", _IN_BUDGET, SubjectKind.CLIENTS),
    ("steady_state", r"steady state before injection(?P<name>)", "steady_state.before", SubjectKind.RUN),
    ("steady_state", r"steady state after recovery(?P<name>)", "steady_state.after", SubjectKind.RUN),
)
_PATTERNS = tuple((check, re.compile(title), key, kind) for check, title, key, kind in _RESULTS)
_MEASURES = {
    ("backups", "age of the newest backup"): MeasureKey("backups.age"),
    ("breaker", "answers while open"): MeasureKey("breaker.answers_open"),
    ("breaker", "closed"): MeasureKey("breaker.closed"),
    ("breaker", "open for"): MeasureKey("breaker.open_for"),
    ("breaker", "opened"): MeasureKey("breaker.opened"),
    ("breaker", "p95 before the fault"): MeasureKey("breaker.p95_before"),
    ("breaker", "p95 while open"): MeasureKey("breaker.p95_open"),
    ("data", "RPO"): identity.RPO,
    ("data", "duplicated"): identity.DUPLICATED,
    ("data", "gone by design"): identity.GONE_BY_DESIGN,
    ("data", "lost"): identity.LOST,
    ("data", "lost, acknowledged after the failure"): MeasureKey("data.lost_later"),
    ("data", "mismatched"): identity.MISMATCHED,
    ("data", "never"): MeasureKey("data.never"),
    ("data", "ok"): identity.KEPT,
    ("data", "recovered"): identity.RECOVERED,
    ("data", "stale"): identity.STALE,
    ("data", "unexpected"): identity.UNEXPECTED,
    ("degradation", "answers"): MeasureKey("degradation.answers"),
    ("degradation", "answers as promised"): MeasureKey("degradation.share"),
    ("detection", "theoretical bound"): MeasureKey("detection.bound"),
    ("detection", "time to detect"): identity.TIME_TO_DETECT,
    ("detection", "time to resolve"): MeasureKey("detection.time_to_resolve"),
    ("fault_effect", "first bite after injection"): MeasureKey("fault_effect.first_seen"),
    ("recovery", "RTO"): identity.RTO,
    ("recovery", "dependency back"): MeasureKey("recovery.dependency_back"),
    ("recovery", "detected"): MeasureKey("recovery.detected"),
    ("recovery", "fault ends"): MeasureKey("recovery.fault_ends"),
    ("recovery", "reconnected"): MeasureKey("recovery.reconnected"),
    ("recovery", "steady"): identity.STEADY,
    ("steady_state", "held after"): MeasureKey("steady_state.held"),
    ("steady_state", "held before"): MeasureKey("steady_state.held"),
}
_FROM_THE_END = "recovered, from the "  # followed by the name of a fault or a procedure
_WHOLE = "whole procedure"
_STORE = " in "  # between a ledger and its store


def result_identity(check: str, title: str) -> tuple[ResultKey, Subject]:
    """The key and subject of a result that was stored with its title only.

    A result of another package's check gets the key ``CHECK.TITLE``, and the run as its subject.
    """
    if title == check:
        return ResultKey(f"{check}.broken"), identity.RUN
    for own, pattern, key, kind in _PATTERNS:
        if own == check and (match := pattern.fullmatch(title)):
            name = match["name"]
            if kind is SubjectKind.LEDGER:
                name = name.replace(_STORE, "/", 1)
            return ResultKey(key), Subject(kind=kind, name=name)
    return ResultKey(f"{check}.{title}"), identity.RUN


def measure_identity(check: str, label: str) -> tuple[MeasureKey, str]:
    """The key and part of a measure that was stored with its label only."""
    if check == "procedure":
        whole = label == _WHOLE
        return (identity.PROCEDURE_TOOK, "") if whole else (identity.PROCEDURE_STEP, label)
    if check == "recovery" and label.startswith(_FROM_THE_END):
        return identity.BUDGET, ""
    return _MEASURES.get((check, label), MeasureKey(f"{check}.{label}")), ""


def read_verdict(text: bytes) -> Verdict:
    """Read a verdict.json of this or any earlier version. Raises ``ValueError`` if it is invalid."""
    raw: JsonValue = from_json(text)
    if isinstance(raw, dict) and raw.get("schema_version") == 1:
        _name_results(raw)
        raw["schema_version"] = VERDICT_VERSION
    return Verdict.model_validate(raw)


def _name_results(verdict: dict[str, JsonValue]) -> None:
    results = verdict.get("checks")
    for result in results if isinstance(results, list) else []:
        if not isinstance(result, dict):
            continue
        check = str(result.get("check"))
        key, subject = result_identity(check, str(result.get("title")))
        result["key"], result["subject"] = key, subject.model_dump(mode="json")
        measures = result.get("measures")
        for measure in measures if isinstance(measures, list) else []:
            if isinstance(measure, dict):
                measure["label"] = measure.pop("name", "")
                measure["key"], measure["part"] = measure_identity(check, str(measure["label"]))
