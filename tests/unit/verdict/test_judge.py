"""The judge runs every check and lets none take it down; FAIL > INCONCLUSIVE > PASS, ABORTED on top."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.checks.recovery import Recovery
from chaos.model.scenario import CheckParams
from chaos.model.verdict import CheckResult, Dimension, Mark, Outcome, Verdict
from chaos.registry import kinds
from chaos.timeline.damage import Damage
from chaos.timeline.recording import Recording
from chaos.verdict import judge
from tests.recording_builder import RecordingBuilder
from tests.recordings import demo_recording
from tests.results import Unjudged, a_result
from tests.unit.checks.procedures import FETCH, ran, rehearsing


def by_title(verdict: Verdict) -> dict[str, CheckResult]:
    return {result.title: result for result in verdict.checks}


def test_a_strong_system_passes_with_full_marks() -> None:
    verdict = judge(demo_recording("pass"))
    assert (verdict.outcome, verdict.reason) == (Outcome.PASS, "all 17 checks passed")
    assert (verdict.score.total, verdict.score.certifiable, verdict.score.lost) == (100.0, True, ())


def test_a_weak_system_fails_for_the_right_reasons() -> None:
    verdict = judge(demo_recording("fail"))
    assert verdict.outcome is Outcome.FAIL
    assert "checks failed. alert dep_breaker_open fires: never fired." in verdict.reason
    results = by_title(verdict)
    assert results["no wrong alert fires"].actual == "fired: error_rate while the fault held"
    assert results["breaker dep passes through the expected states"].actual == "never opened"
    assert results["GET /items degrades as promised"].actual.startswith("0 of 301 answers")
    budget = results["clients recover within the budget"]
    assert budget.actual == "well again 22.0 s after the end of the fault"
    assert results["nothing is left behind"].outcome is Outcome.PASS
    assert verdict.score.certifiable
    assert verdict.score.total is not None
    assert 0 < verdict.score.total < 50
    assert all(lost.reason and lost.fix for lost in verdict.score.lost)


def test_missing_metrics_make_the_run_inconclusive_and_earn_nothing() -> None:
    verdict = judge(demo_recording("inconclusive"))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "Prometheus did not answer" in verdict.reason
    assert not verdict.score.certifiable
    assert verdict.score.total == 25.0  # recovery alone was proven: 20 of 80


def test_an_interrupted_run_is_aborted_whatever_was_seen() -> None:
    verdict = judge(demo_recording("aborted"))
    assert (verdict.outcome, verdict.reason) == (Outcome.ABORTED, "the run was interrupted: SIGINT")
    assert not verdict.score.certifiable
    assert by_title(verdict)["alert dep_breaker_open fires"].outcome is Outcome.PASS


def base() -> RecordingBuilder:
    return RecordingBuilder().steady(10).probe(10, 20).fault(20, 44).steady(60, "after").clean(85)


def test_a_tripped_guardrail_aborts() -> None:
    verdict = judge(base().guardrail(30).end())
    assert verdict.outcome is Outcome.ABORTED
    assert verdict.reason == "guardrail host_memory tripped at 97 % (bound 90 %)"


def test_a_harness_that_broke_or_was_killed_aborts() -> None:
    assert judge(base().end(error="the stack did not start")).reason.endswith(
        "broke: the stack did not start"
    )
    killed = judge(base().cut(90))
    assert killed.outcome is Outcome.ABORTED
    assert "the harness was killed" in killed.reason
    assert not killed.score.certifiable


def test_a_fault_of_which_nothing_was_expected_is_no_pass() -> None:
    verdict = judge(base().end())
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "nothing was expected of the system" in verdict.reason
    assert not verdict.score.certifiable
    dirty = (
        RecordingBuilder()
        .steady(10)
        .fault(20, 44)
        .steady(60, "after")
        .clean(85, containers=("toy-web-1",))
        .end()
    )
    assert judge(dirty).outcome is Outcome.FAIL


def test_fail_outweighs_inconclusive() -> None:
    verdict = judge(RecordingBuilder().steady(10).fault(20, 44, undone=False).steady(60, "after").end())
    assert verdict.outcome is Outcome.FAIL  # the undo failed, and leftovers were not looked for
    assert any(result.outcome is Outcome.INCONCLUSIVE for result in verdict.checks)


def test_no_check_at_all_is_inconclusive() -> None:
    verdict = judge(base().end(), checks={})
    assert (verdict.outcome, verdict.reason) == (Outcome.INCONCLUSIVE, "nothing was checked")
    assert (verdict.score.total, verdict.score.certifiable) == (None, False)


EXPECTED = Recovery.model_validate({"rto": "1m"})


def expecting(
    expect: dict[str, tuple[CheckParams, ...]], *, took_effect: bool = True, held: bool = True
) -> Recording:
    builder = (
        RecordingBuilder(expect)
        .steady(10, held=held)
        .fault(20, 44, took_effect=took_effect)
        .steady(60, "after")
    )
    return builder.probe(11, 80).load(5, 80).clean(85).end()


class _Check(Unjudged):
    name = "odd"
    params = Recovery
    dimensions = (Dimension.DETECTION, Dimension.HYGIENE)

    def __init__(self, results: tuple[CheckResult, ...] | Exception) -> None:
        self._results = results

    def judge(self, recording: Recording, params: CheckParams) -> tuple[CheckResult, ...]:
        if isinstance(self._results, Exception):
            raise self._results
        return self._results


@pytest.mark.parametrize(
    ("results", "words"),
    [
        (ZeroDivisionError("by zero"), "the check crashed: ZeroDivisionError: by zero"),
        ((), "the check gave no result"),
    ],
)
def test_a_check_that_crashes_or_says_nothing_is_inconclusive_and_costs_its_dimensions(
    results: tuple[CheckResult, ...] | Exception, words: str
) -> None:
    verdict = judge(expecting({"odd": (EXPECTED,)}), checks={**kinds().checks, "odd": _Check(results)})
    (result,) = (r for r in verdict.checks if r.check == "odd")
    assert (result.outcome, result.actual) == (Outcome.INCONCLUSIVE, words)
    assert [(m.dimension, m.fraction) for m in result.marks] == [
        (Dimension.DETECTION, None),
        (Dimension.HYGIENE, None),
    ]
    assert verdict.outcome is Outcome.INCONCLUSIVE


def test_an_expectation_of_an_unknown_kind_or_without_entries_is_inconclusive() -> None:
    assert judge(expecting({"odd": (EXPECTED,)})).outcome is Outcome.INCONCLUSIVE
    verdict = judge(expecting({"recovery": ()}))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.score.cap_reason == "recovery was not proven"


def test_a_fault_without_effect_makes_every_expectation_inconclusive() -> None:
    assert judge(expecting({"recovery": (EXPECTED,)})).outcome is Outcome.PASS
    verdict = judge(expecting({"recovery": (EXPECTED,)}, took_effect=False))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    result = by_title(verdict)["clients recover within the RTO"]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "no effect" in result.actual
    assert "clients were well throughout" in result.actual  # what was seen stays
    assert result.marks[0].fraction is None
    assert by_title(verdict)["nothing is left behind"].outcome is Outcome.PASS


def test_a_failing_expectation_is_no_fail_when_the_fault_had_no_effect() -> None:
    def seen(took_effect: bool) -> Verdict:
        builder = (
            RecordingBuilder({"recovery": (EXPECTED,)}, recovery_limit=20)
            .steady(10)
            .probe(10, 20)
            .fault(20, 44, took_effect=took_effect)
        )
        builder.steady(84, "after", held=False).probe(20, 80, ok=False).load(5, 80)
        return judge(builder.clean(85).end())

    assert seen(True).outcome is Outcome.FAIL
    assert seen(False).outcome is Outcome.INCONCLUSIVE


def test_a_steady_state_that_did_not_hold_before_makes_everything_inconclusive() -> None:
    verdict = judge(RecordingBuilder({"recovery": (EXPECTED,)}).steady(10, held=False).clean(20).end(21))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "nothing was injected" in verdict.reason


@pytest.mark.parametrize(
    ("damage", "voided"),
    [
        (Damage("load.jsonl", "line 7 cannot be read"), {"breaker", "degradation", "recovery"}),
        (Damage("metrics.json", "cannot be read"), {"breaker", "detection"}),
        (
            Damage("journal.jsonl", "line 3 cannot be read"),
            {"breaker", "degradation", "detection", "fault_effect", "left_clean", "recovery", "steady_state"},
        ),
        (
            Damage("unforeseen.json", "load.jsonl: cannot be read"),  # the file counts, not the text
            {"breaker", "degradation", "detection", "fault_effect", "left_clean", "recovery", "steady_state"},
        ),
    ],
)
def test_a_damaged_part_makes_what_rests_on_it_inconclusive(damage: Damage, voided: set[str]) -> None:
    verdict = judge(replace(demo_recording("pass"), problems=(damage,)))
    assert {r.check for r in verdict.checks if r.outcome is Outcome.INCONCLUSIVE} == voided
    assert all(str(damage) in r.actual for r in verdict.checks if r.outcome is Outcome.INCONCLUSIVE)
    assert verdict.outcome is Outcome.INCONCLUSIVE


def test_damage_does_not_make_a_failed_undo_unseen() -> None:
    recording = (
        RecordingBuilder().steady(10).fault(20, 44, undone=False).clean(85, containers=("toy-web-1",)).end()
    )
    verdict = judge(replace(recording, problems=(Damage("journal.jsonl", "line 3 cannot be read"),)))
    assert verdict.outcome is Outcome.FAIL
    failed = [r.check for r in verdict.checks if r.outcome is Outcome.FAIL]
    assert failed == ["fault_effect", "left_clean"]


def test_checks_come_in_the_order_in_which_a_reader_asks() -> None:
    order = list(dict.fromkeys(result.check for result in judge(demo_recording("pass")).checks))
    assert order == [
        "steady_state",
        "fault_effect",
        "detection",
        "breaker",
        "degradation",
        "recovery",
        "left_clean",
    ]


def test_marks_of_a_check_of_a_third_party_enter_the_score() -> None:
    mark = Mark(dimension=Dimension.DATA, fraction=0.5, reason="half", fix="the other half")
    said = a_result("odd", Outcome.FAIL, marks=(mark,))
    verdict = judge(expecting({"odd": (EXPECTED,)}), checks={**kinds().checks, "odd": _Check((said,))})
    assert [lost.points for lost in verdict.score.lost] == [20.0]  # 10 of the 50 that were asked


def test_the_cause_is_named_before_what_follows_from_it() -> None:
    builder = ran(rehearsing(), (FETCH, False, 3.0), detail="`docker compose up` exited 1: no such service")
    builder.steady().probe(10, 20).fault().steady(80, "after", held=False)
    verdict = judge(builder.clean().end())
    assert verdict.outcome is Outcome.FAIL
    assert "procedure restore works: stopped at step fetch" in verdict.reason


def test_what_kept_a_fault_from_being_injected_is_named_first() -> None:
    builder = ran(rehearsing("prepare"), (FETCH, False, 3.0), purpose="prepare", detail="no space left")
    verdict = judge(builder.steady().clean().end())
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "no space left" in verdict.reason
