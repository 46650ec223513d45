"""A procedure works when each of its steps was done, and only then."""

from __future__ import annotations

import pytest

from chaos.checks.procedure import CHECK
from chaos.model.plan import Plan
from chaos.model.verdict import Dimension, Outcome
from chaos.verdict import judge
from tests.recording_builder import RecordingBuilder, judged
from tests.unit.checks.procedures import FETCH, OPEN, RESTORE, ended, lost, ran, rehearsing

TITLE = "procedure restore works"


def test_passes_when_every_step_was_done_within_the_plan() -> None:
    result = judged(CHECK, ran(rehearsing(), (FETCH, True, 3.0), (OPEN, True, 2.0)).end())[TITLE]
    assert result.outcome is Outcome.PASS
    assert result.actual == "2 of 2 steps done in 5.0 s"
    assert [(m.label, m.value, m.limit) for m in result.measures] == [
        ("whole procedure", 5.0, 90.0),
        ("fetch", 3.0, 60.0),
        ("open", 2.0, 30.0),
    ]
    assert result.marks[0].dimension is Dimension.RECOVERY


def test_fails_at_the_step_that_failed_and_says_why() -> None:
    builder = ran(rehearsing(), (FETCH, True, 3.0), (OPEN, False, 2.0), detail="exit 1: no such file")
    result = judged(CHECK, builder.end())[TITLE]
    assert result.outcome is Outcome.FAIL
    assert result.actual == "stopped at step open: exit 1: no such file"
    assert result.marks[0].fraction == 0.0
    assert result.measures[0].value is None
    assert result.measures[2].value is None


def test_a_command_that_cannot_tell_is_no_failure_of_the_system() -> None:
    builder = ran(rehearsing(), (FETCH, False, 3.0), detail="`docker compose ps` exited 2", known=False)
    result = judged(CHECK, builder.end())[TITLE]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.actual == "step fetch has an unknown result: `docker compose ps` exited 2"
    assert result.marks[0].fraction is None


def test_fails_when_it_took_longer_than_planned() -> None:
    result = judged(CHECK, ran(rehearsing(), (FETCH, True, 100.0), (OPEN, True, 35.0)).end(400))[TITLE]
    assert result.outcome is Outcome.FAIL
    assert result.marks[0].fraction == 0.5


def test_an_end_that_names_fewer_steps_than_the_plan_is_no_pass() -> None:
    result = judged(CHECK, ran(rehearsing(), (FETCH, True, 3.0)).end())[TITLE]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.actual == "it ended well, and the recording does not hold the end of open"


def test_inconclusive_when_no_one_began_it_or_saw_its_end() -> None:
    result = judged(CHECK, rehearsing().end())[TITLE]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.marks[0].fraction is None
    cut = judged(CHECK, ran(rehearsing(), (FETCH, True, 3.0), end=False).end())[TITLE]
    assert cut.outcome is Outcome.INCONCLUSIVE
    assert "the last that was seen is fetch" in cut.actual


def test_one_that_only_prepares_proves_nothing_of_the_system() -> None:
    good = ran(rehearsing("prepare"), (FETCH, True, 3.0), (OPEN, True, 2.0), purpose="prepare")
    assert judged(CHECK, good.end())[TITLE].marks == ()
    bad = ran(rehearsing("prepare"), (FETCH, False, 3.0), purpose="prepare", detail="exit 1")
    result = judged(CHECK, bad.end())[TITLE]
    assert result.outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("procedures", [{}, {"restore": RESTORE}])
def test_is_asked_only_of_a_plan_with_procedures(procedures: dict[str, object]) -> None:
    recording = RecordingBuilder().steady().fault().clean().end()
    plan: Plan = recording.plan.model_copy(update={"procedures": procedures})
    checks = {r.check for r in judge(ended(recording, plan)).checks}
    assert ("procedure" in checks) is bool(procedures)


def test_a_rehearsal_without_faults_is_judged_by_its_procedures() -> None:
    builder = (
        ran(rehearsing(), (FETCH, True, 3.0), (OPEN, True, 2.0)).steady(when="before").steady(80, "after")
    )
    verdict = judge(lost(builder.clean().end()))
    assert {result.check for result in verdict.checks} == {"steady_state", "procedure", "left_clean"}
    assert verdict.outcome is Outcome.PASS
