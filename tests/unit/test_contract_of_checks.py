"""What a check may say of itself is obeyed by the judge and the score, for a check of any package."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

import pytest

from chaos.kinds import Check, NoParams, Part
from chaos.model.asked import Asked, CannotTell
from chaos.model.identity import ResultKey, Subject, SubjectKind
from chaos.model.plan import Plan
from chaos.model.verdict import Cap, CheckResult, Dimension, Distance, Outcome, Verdict
from chaos.registry import kinds
from chaos.timeline.damage import Damage
from chaos.timeline.recording import Recording
from chaos.verdict import judge
from tests.recording_builder import RecordingBuilder

FIRST, SECOND = ResultKey("odd.first"), ResultKey("odd.second")
WEB = Subject(kind=SubjectKind.SERVICE, name="web")


class Odd(Check[NoParams]):
    """Two questions; a test says how they are answered."""

    name = "odd"
    summary = "an odd check"
    dimensions = (Dimension.DATA,)
    reads = (Part.LEDGER,)

    def asks(self, plan: Plan, params: NoParams) -> Iterable[Asked]:
        ask = partial(self.asked, expected="it", subject=WEB, dimension=Dimension.DATA)
        return ask(FIRST, "the first"), ask(SECOND, "the second")

    def answers(
        self, recording: Recording, params: NoParams, asked: Sequence[Asked]
    ) -> Iterable[CheckResult]:
        return [one.passed("fine") for one in asked]


class Doubts(Odd):
    def answers(
        self, recording: Recording, params: NoParams, asked: Sequence[Asked]
    ) -> Iterable[CheckResult]:
        raise CannotTell("nothing was recorded", fix="Record it.")


class DoubtsOne(Odd):
    def answers(
        self, recording: Recording, params: NoParams, asked: Sequence[Asked]
    ) -> Iterable[CheckResult]:
        yield asked[0].settled(self._missing)
        yield asked[1].passed("fine")

    def _missing(self) -> CheckResult:
        raise CannotTell("nothing was recorded")


class Forgets(Odd):
    def answers(
        self, recording: Recording, params: NoParams, asked: Sequence[Asked]
    ) -> Iterable[CheckResult]:
        return [asked[0].passed("fine")]


class Fails(Odd):
    distance = Distance.PRECONDITION
    cap = Cap(reason="it is lost", at=12.0)

    def answers(
        self, recording: Recording, params: NoParams, asked: Sequence[Asked]
    ) -> Iterable[CheckResult]:
        return [one.failed("lost", fix="Find it.", fraction=0.5, cap=self.cap) for one in asked]


def recording(took_effect: bool = True) -> Recording:
    return (
        RecordingBuilder()
        .steady(10)
        .probe(10, 20)
        .fault(20, 44, took_effect=took_effect)
        .probe(57, 60)
        .steady(60, "after")
        .clean(85)
        .end()
    )


def outcomes(check: Odd) -> list[Outcome]:
    return [result.outcome for result in check.judge(recording(), NoParams())]


def judged(check: Odd, of: Recording | None = None) -> Verdict:
    return judge(of or recording(), checks={**kinds().checks, "odd": check})


def odd(verdict: Verdict) -> list[CheckResult]:
    return [result for result in verdict.checks if result.check == "odd"]


def test_a_doubt_makes_every_question_inconclusive_with_an_unknown_mark() -> None:
    results = Doubts().judge(recording(), NoParams())
    assert [(r.key, r.subject, r.outcome, r.actual) for r in results] == [
        (key, WEB, Outcome.INCONCLUSIVE, "nothing was recorded") for key in (FIRST, SECOND)
    ]
    assert [(m.fraction, m.fix) for r in results for m in r.marks] == [(None, "Record it.")] * 2


def test_a_doubt_about_one_question_leaves_the_others_alone() -> None:
    assert outcomes(DoubtsOne()) == [Outcome.INCONCLUSIVE, Outcome.PASS]


def test_a_question_without_an_answer_is_inconclusive() -> None:
    assert outcomes(Forgets()) == [Outcome.PASS, Outcome.INCONCLUSIVE]


def test_a_key_that_is_not_the_checks_own_is_refused() -> None:
    with pytest.raises(ValueError, match=r"does not begin with odd\."):
        Odd().asked(ResultKey("other.first"), "a title", "it")


def test_marks_caps_and_the_nearest_cause_come_from_the_results() -> None:
    verdict = judged(Fails())
    assert (verdict.score.cap, verdict.score.cap_reason) == (12.0, "it is lost")
    assert verdict.score.total == 12.0
    assert "the first: lost" in verdict.reason
    assert {lost.check for lost in verdict.score.lost} == {"odd", "expectations"}  # nothing was expected


def test_what_rests_on_the_fault_is_void_without_an_effect_and_what_does_not_stands() -> None:
    class Independent(Odd):
        independent = frozenset({FIRST})

    verdict = judged(Independent(), recording(took_effect=False))
    assert [result.outcome for result in odd(verdict)] == [Outcome.PASS, Outcome.INCONCLUSIVE]


def test_a_proof_that_does_not_pass_voids_every_expectation() -> None:
    class Proves(Doubts):
        proofs = independent = frozenset({FIRST, SECOND})

    verdict = judged(Proves())
    after = next(result for result in verdict.checks if result.key == "steady_state.after")
    assert after.outcome is Outcome.INCONCLUSIVE
    assert "the first: nothing was recorded" in after.actual


@pytest.mark.parametrize(("stands", "outcome"), [(False, Outcome.INCONCLUSIVE), (True, Outcome.FAIL)])
def test_damage_voids_what_reads_the_part_unless_a_failure_was_seen(stands: bool, outcome: Outcome) -> None:
    class Seen(Fails):
        failure_stands = stands

    damaged = replace(recording(), problems=(Damage("ledger.jsonl", "line 3 cannot be read"),))
    assert {result.outcome for result in odd(judged(Seen(), damaged))} == {outcome}


@pytest.mark.parametrize("order", [-30, 30])
def test_it_stands_where_its_order_puts_it(order: int) -> None:
    class Placed(Odd):
        pass

    Placed.order = order
    checks = [result.check for result in judged(Placed()).checks if result.check != "expectations"]
    assert checks.index("odd") == (0 if order < 0 else len(checks) - 2)


def test_the_cap_while_a_marked_result_is_unknown() -> None:
    class Capped(Doubts):
        unproven = Cap(reason="it was not proven", rank=0)

    verdict = judged(Capped())
    assert (verdict.score.cap, verdict.score.cap_reason) == (39.0, "it was not proven")


def test_one_that_applies_to_no_such_plan_is_not_asked() -> None:
    class Elsewhere(Odd):
        def judged_unasked(self, plan: Plan) -> bool:
            return False

    assert odd(judged(Elsewhere())) == []
