"""What one run changes in the list of findings. Pure.

A failed result of a run is a finding. Only a later run of the scenario that passed as a whole closes it:
neither a person nor an inconclusive run can.

What a game day asked of the response and did not get is a finding too. No run can test the response, so only
a later game day closes it, in which the scenario was played and the same thing was met.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from chaos.findings.model import DUE_DAYS, Finding
from chaos.model.base import Frozen
from chaos.model.verdict import Outcome


class FailedResult(Frozen):
    """``key``: the same for the same result in every run, whatever its title says."""

    key: str
    title: str


RESPONSE = "response/"  # how the key of what a game day asked of the response begins


class ScenarioRun(Frozen):
    """One judged run of the unchanged stack, or the response to it in a game day. Runs with other variables
    say nothing of the stack.

    ``met``: the keys of what a game day asked of the response and got. ``source``: where a finding of it
    comes from; empty: the run.
    """

    run_id: str
    scenario: str
    stack: str
    began: float
    outcome: Outcome
    failed: tuple[FailedResult, ...] = ()
    met: tuple[str, ...] = ()
    source: str = ""


def advance(findings: Iterable[Finding], run: ScenarioRun) -> tuple[Finding, ...]:
    """The findings after this run, in their order; new ones are last and have no number yet."""
    after = {one.identity: _closed(one, run) for one in findings}
    for result in run.failed:
        identity = f"{run.stack}/{run.scenario}/{result.key}"
        known = after.get(identity)
        after[identity] = _found(identity, result, run) if known is None else _again(known, run)
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
    """A finding of a person, such as an action item of a post-mortem."""
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
    """A run that is read late, from before the re-test that closed it, does not open it again."""
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
