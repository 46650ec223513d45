"""The variants that keep data badly, on real containers: each is caught, in the class that says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.model.identity import LOST
from chaos.model.verdict import CheckResult, Outcome
from chaos.timeline.events import FaultIntended, SteadyState
from chaos.timeline.ledger import WriteClass
from chaos.timeline.ledger_classes import ClassifiedWrite, sort_writes
from tests.stack.harness import Ended, Harness

pytestmark = pytest.mark.containers
RUN_LIMIT = 300.0  # seconds: a run at pace 20 takes about one minute on two cores
KEPT = "reservations: what was acknowledged is kept"


def run(tmp_path: Path, path: str, defect: str) -> Ended:
    return Harness(tmp_path / "reports", path, "--env", f"DEFECT={defect}").end(RUN_LIMIT)


def results(ended: Ended, scenario: str) -> dict[str, CheckResult]:
    return {result.title: result for result in ended.verdict(scenario).checks if result.check == "data"}


def writes(ended: Ended, scenario: str) -> dict[WriteClass, list[ClassifiedWrite]]:
    recording = ended.recording(scenario)
    facts = recording.plan.stack.ledgers["reservations"]
    found: dict[WriteClass, list[ClassifiedWrite]] = {kind: [] for kind in WriteClass}
    for write in sort_writes(facts, facts.authority, recording.ledger, recording.reads):
        found[write.write_class].append(write)
    return found


def test_an_answer_before_the_commit_is_caught_as_lost_writes(tmp_path: Path) -> None:
    ended = run(tmp_path, "scenarios/database/database-down.yaml", "ack_before_commit")
    assert ended.code == 1
    kept = results(ended, "database-down")[KEPT]
    assert kept.outcome is Outcome.FAIL, ended.output
    found = writes(ended, "database-down")
    (lost,) = (measure.value for measure in kept.measures if measure.key == LOST)
    assert lost == len(found[WriteClass.LOST]) > 0
    # A retry may come before the late commit and be stored as well, so there may be duplicates.
    assert found[WriteClass.UNEXPECTED] == []
    assert any(fact.text.startswith(f"lost: {found[WriteClass.LOST][0].id}") for fact in kept.evidence)
    total = ended.verdict("database-down").score.total
    assert total is not None
    assert total <= 39, "a lost write caps the score"


def test_double_bookings_fire_their_alert_and_no_run_passes(tmp_path: Path) -> None:
    """A system that books twice is not steady: its own alert says so before any fault.

    Where the alert comes later than three good seconds, it is a wrong alert of the run.
    """
    ended = run(tmp_path, "scenarios/pms/pms-errors.yaml", "double_booking,no_idempotency")
    recording = ended.recording("pms-errors")
    steady = next(iter(recording.of(SteadyState)))
    if steady.held:
        (wrong,) = (r for r in ended.verdict("pms-errors").checks if r.title == "no wrong alert fires")
        assert (ended.code, wrong.outcome) == (1, Outcome.FAIL), ended.output
        assert "double_booking_detected" in wrong.actual
        return
    assert ended.code == 2, ended.output
    assert "alert double_booking_detected is firing" in steady.failing
    assert not list(recording.of(FaultIntended))
