"""How one run changes the list of findings. Pure.

A failed result of a run is a finding. Only a later run of the same scenario whose verdict is PASS closes it;
a person or an inconclusive run cannot.

An expectation of a game day about the response that was not met is a finding too. No run can test the
response, so only a later game day closes it, in which the same scenario was played and the expectation met.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import reduce

from chaos.findings.model import DUE_DAYS, Finding
from chaos.model.base import Frozen
from chaos.model.verdict import Outcome


class FailedResult(Frozen):
    """``key``: identifies the result in every run, even if its title changes."""

    key: str
    title: str


RESPONSE = "response/"  # the keys of expectations about the response begin with it


class ScenarioRun(Frozen):
    """One judged run, or the response to it in a game day. Do not pass runs with ``--env``: they say nothing
    about the stack as it is. ``began``: seconds since the epoch.

    ``met``: the keys of the expectations about the response that were met. ``source``: where its findings
    come from; empty: the run.
    """

    run_id: str
    scenario: str
    stack: str
    began: float
    outcome: Outcome
    failed: tuple[FailedResult, ...] = ()
    met: tuple[str, ...] = ()
    source: str = ""


def advance(
    findings: Iterable[Finding], run: ScenarioRun, counted: Iterable[ScenarioRun] = ()
) -> tuple[Finding, ...]:
    """The findings after this run, in their order. New ones come last and have no number yet.

    ``counted``: runs that were counted before. One of them may have begun after this run and passed: then it
    closes what this run found, as it would have if the runs had been counted in order.
    """
    later = sorted((one for one in counted if one.began > run.began), key=lambda one: one.began)
    after = {one.identity: _closed(one, run) for one in findings}
    # The same fault twice in a timeline has each of its results twice. That is one finding of one run.
    for result in {one.key: one for one in run.failed}.values():
        identity = f"{run.stack}/{run.scenario}/{result.key}"
        known = after.get(identity)
        found = _found(identity, result, run) if known is None else _again(known, run)
        after[identity] = reduce(_closed, later, found)
    return tuple(after.values())


def noted(
    identity: str,
    title: str,
    scenario: str,
    source: str,
    at: float,
    *,
    owner: str = "",
    due: date | None = None,
) -> Finding:
    """A new finding, such as an action item of a post-mortem. ``at``: seconds since the epoch. ``due``: by
    default ``DUE_DAYS`` later.
    """
    return Finding(
        identity=identity,
        title=title,
        scenario=scenario,
        source=source,
        owner=owner,
        due=due or _due(at),
        opened=at,
        last_seen=at,
    )


def _closed(finding: Finding, run: ScenarioRun) -> Finding:
    its_own = finding.scenario == run.scenario and finding.stack in ("", run.stack)
    later = run.began > finding.last_seen
    key = finding.identity.removeprefix(f"{run.stack}/{run.scenario}/")
    passed = key in run.met if key.startswith(RESPONSE) else run.outcome is Outcome.PASS
    if finding.closed is not None or not its_own or not later or not passed:
        return finding
    return finding.model_copy(update={"closed": run.began, "closed_by": run.run_id})


def _again(finding: Finding, run: ScenarioRun) -> Finding:
    """Count another failed run. It reopens the finding only if it began after the re-test that closed it."""
    seen: dict[str, object] = {
        "times": finding.times + 1,
        "opened": min(finding.opened, run.began),
        "last_seen": max(finding.last_seen, run.began),
    }
    if finding.closed is not None and run.began > finding.closed:
        seen |= {
            "closed": None,
            "closed_by": "",
            "reopened": finding.reopened + 1,
            "due": _due(run.began),
        }
    return finding.model_copy(update=seen)


def _found(identity: str, result: FailedResult, run: ScenarioRun) -> Finding:
    source = run.source or f"run {run.run_id}"
    return noted(identity, result.title, run.scenario, source, run.began).model_copy(
        update={"stack": run.stack}
    )


def _due(at: float) -> date:
    return (datetime.fromtimestamp(at, UTC) + timedelta(days=DUE_DAYS)).date()
