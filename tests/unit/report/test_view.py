"""What the view says of whole, failed, cut and empty recordings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.model.identity import CLIENTS, STEADY, TIME_TO_DETECT, MeasureKey, Subject, SubjectKind
from chaos.model.verdict import (
    CheckResult,
    Dimension,
    Evidence,
    LostPoints,
    Mark,
    Outcome,
    Score,
    Unit,
    Verdict,
)
from chaos.report.lanes import Lane
from chaos.report.tiles import Tile
from chaos.report.view import ReportView, build
from chaos.timeline.damage import Damage
from chaos.timeline.events import Phase
from chaos.timeline.recording import Metrics, Recording
from chaos.verdict import judge
from tests.recording_builder import READY, RecordingBuilder
from tests.recordings import Kind, demo_recording
from tests.results import a_figure, a_result

UNKNOWN = Verdict(
    scenario="toy-down",
    outcome=Outcome.INCONCLUSIVE,
    reason="not enough data",
    score=Score(total=None, certifiable=False),
    checks=(),
)


def view_of(kind: Kind) -> ReportView:
    recording = demo_recording(kind)
    return build(recording, judge(recording))


def tile(view: ReportView, label: str) -> Tile:
    return next(tile for tile in view.tiles if tile.label == label)


def lane(view: ReportView, group: str, name: str) -> Lane:
    return next(lane for lane in view.lanes.lanes if (lane.group, lane.name) == (group, name))


def figure(view: ReportView, name: str) -> str:
    return next(value for value, what in tile(view, "Users saw").extra if what == name)


def test_a_passed_run_answers_the_four_questions() -> None:
    view = view_of("pass")

    assert view.outcome is Outcome.PASS
    assert tile(view, "What broke").value == "container.kill dep"
    assert (tile(view, "Noticed after").value, tile(view, "Noticed after").tone) == ("10.4 s", "good")
    assert (tile(view, "Over after").value, tile(view, "Over after").tone) == ("25.5 s", "good")
    assert figure(view, "degraded") != "0 %"
    assert view.missing == ()


def test_the_headline_says_what_the_checks_measured() -> None:
    """A change of a measure's key would silence the tile: this holds the two together."""
    recording = demo_recording("pass")
    verdict = judge(recording)
    view = build(recording, verdict)
    measures = {m.key: m.value for r in verdict.checks for m in r.measures}

    assert view.moments.noticed.after == measures[TIME_TO_DETECT]
    assert view.moments.over is not None
    assert view.moments.broken is not None
    assert view.moments.over - view.moments.broken == pytest.approx(measures[STEADY])


def test_a_failed_run_says_never_noticed_and_lists_failures_first() -> None:
    view = view_of("fail")

    assert (tile(view, "Noticed after").value, tile(view, "Noticed after").tone) == ("never", "bad")
    outcomes = [check.outcome for check in view.checks]
    assert outcomes == sorted(outcomes, key=[Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS].index)
    assert outcomes[0] is Outcome.FAIL
    assert view.score.lost
    assert all(lost.fix for lost in view.score.lost)


def test_a_recovery_that_came_too_late_is_no_good_news() -> None:
    view = view_of("fail")

    assert tile(view, "Over after").tone == "bad"
    assert "later than asked for" in tile(view, "Over after").lines


def test_every_alert_that_was_asked_for_is_reported_and_one_too_late_spoils_the_tile() -> None:
    def fires(alert: str, value: float | None, outcome: Outcome) -> CheckResult:
        subject = Subject(kind=SubjectKind.ALERT, name=alert)
        figure = a_figure(TIME_TO_DETECT, value, 15.0)
        return a_result("detection", outcome, subject=subject, measures=(figure,))

    checks = (fires("slow", None, Outcome.FAIL), fires("quick", 4.0, Outcome.PASS))
    view = build(demo_recording("pass"), UNKNOWN.model_copy(update={"checks": checks}))

    assert tile(view, "Noticed after").value == "4.0 s"
    assert tile(view, "Noticed after").tone == "bad"
    assert "slow: did not fire" in tile(view, "Noticed after").lines


def inconclusive(key: str, *also: CheckResult) -> ReportView:
    """The passed run, as if the checks with measure ``key`` were inconclusive and had kept their measures."""
    recording = demo_recording("pass")
    verdict = judge(recording)
    checks = tuple(
        one.model_copy(update={"outcome": Outcome.INCONCLUSIVE}) if one.measure(MeasureKey(key)) else one
        for one in verdict.checks
    )
    return build(recording, verdict.model_copy(update={"checks": (*checks, *also)}))


@pytest.mark.parametrize(("label", "key"), [("Noticed after", TIME_TO_DETECT), ("Over after", STEADY)])
def test_what_an_inconclusive_check_measured_is_no_answer(label: str, key: str) -> None:
    view = inconclusive(key)

    assert (tile(view, label).value, tile(view, label).tone) == ("no data", "unknown")
    assert "inconclusive" in " ".join(tile(view, label).lines)
    assert (view.moments.noticed.after is None) == (key == TIME_TO_DETECT)
    assert (view.moments.over is None) == (key == STEADY)


def test_one_inconclusive_check_beside_a_good_one_spoils_the_tile() -> None:
    figure = a_figure(TIME_TO_DETECT, 2.0, 15.0)
    alert = Subject(kind=SubjectKind.ALERT, name="quick")
    good = a_result("detection", subject=alert, measures=(figure,))
    recovered = a_result(
        "recovery",
        subject=CLIENTS,
        measures=(a_figure(STEADY, 9.0),),
        marks=(Mark(dimension=Dimension.RECOVERY, fraction=1.0),),
    )
    noticed = tile(inconclusive(TIME_TO_DETECT, good), "Noticed after")
    over = tile(inconclusive(STEADY, recovered), "Over after")

    assert (noticed.value, noticed.tone, noticed.lines[-1]) == (
        "2.0 s",
        "unknown",
        "dep_breaker_open: unknown",
    )
    assert (over.value, over.tone, over.lines[-1]) == (
        "9.0 s",
        "unknown",
        "a check of the recovery is inconclusive",
    )


def test_a_fault_that_was_cut_short_is_reported_beside_its_plan() -> None:
    view = build(
        RecordingBuilder().steady().fault(20, 23).load(5, 30).end(40, error="the stack went away"), UNKNOWN
    )

    assert "held 3.0 s of 24.0 s planned" in tile(view, "What broke").lines


def test_unread_metrics_are_no_data_and_said_so() -> None:
    view = view_of("inconclusive")

    assert (tile(view, "Noticed after").value, tile(view, "Noticed after").tone) == ("no data", "unknown")
    assert any("metrics were not read back" in line for line in view.missing)
    assert not [lane for lane in view.lanes.lanes if lane.group in ("alert", "breaker")]
    assert not any("stayed inactive" in line for line in view.lanes.steady)
    assert not view.score.certifiable
    assert "not certifiable" in view.score.note


def test_an_interrupted_run_says_so_and_where_its_fault_was() -> None:
    view = view_of("aborted")

    assert view.outcome is Outcome.ABORTED
    assert any("interrupted (SIGINT)" in line for line in view.missing)
    assert tile(view, "Over after").tone == "unknown"
    assert any(entry.kind == "trouble" and "interrupted" in entry.text for entry in view.story)


def test_a_run_that_was_killed_in_the_fault_shows_it_as_still_in_place() -> None:
    recording = (
        RecordingBuilder().phase(1, Phase.STEADY).steady().fault(20, None).load(5, 26).probe(5, 26).cut(26)
    )
    view = build(recording, UNKNOWN)

    (span,) = lane(view, "fault", "container.kill dep").spans
    assert span.open
    assert "The recording stops in the middle: its last line is missing." in view.missing
    assert "No undo was recorded for at least one fault." in view.missing
    assert tile(view, "What broke").tone == "bad"


def test_a_recording_without_data_says_no_data_and_never_zero_or_pass() -> None:
    recording = Recording(demo_recording("pass").plan, ())
    view = build(recording, judge(recording))

    assert view.outcome is not Outcome.PASS
    assert not [check for check in view.checks if check.outcome is Outcome.PASS]
    assert {t.value for t in view.tiles if t.label != "What broke"} == {"no data"}
    assert {t.tone for t in view.tiles} == {"unknown"}
    assert "The journal is empty: nothing is known of this run." in view.missing
    assert not any("0 %" in value for t in view.tiles for value, _ in t.extra)


def test_a_run_that_never_injected_says_that_nothing_broke_and_proves_nothing() -> None:
    recording = (
        RecordingBuilder()
        .phase(1, Phase.STEADY)
        .steady(held=False)
        .load(5, 20)
        .end(30, error="the stack went away")
    )
    view = build(recording, UNKNOWN)

    assert (tile(view, "What broke").value, tile(view, "What broke").tone) == ("nothing", "unknown")
    assert any("No fault was injected" in line for line in view.missing)
    assert any("the stack went away" in line for line in view.missing)
    assert any("no steady state before the fault" in entry.text for entry in view.story)


def test_a_failed_undo_is_reported_loudly() -> None:
    view = build(RecordingBuilder().steady().fault(20, 44, undone=False).load(5, 60).end(70), UNKNOWN)

    assert any("UNDO FAILED" in line for line in tile(view, "What broke").lines)
    assert lane(view, "fault", "container.kill dep").spans[0].state == "undo failed"
    assert any(entry.kind == "trouble" and "UNDO FAILED" in entry.text for entry in view.story)


def test_a_fault_whose_effect_was_never_seen_is_reported() -> None:
    view = build(RecordingBuilder().steady().fault(20, 44, took_effect=False).load(5, 60).end(70), UNKNOWN)

    assert "its witness saw no effect" in tile(view, "What broke").lines
    assert tile(view, "What broke").tone == "bad"


def test_problems_of_a_damaged_folder_are_passed_on() -> None:
    recording = replace(demo_recording("pass"), problems=(Damage("journal.jsonl", "line 12 cannot be read"),))

    assert "journal.jsonl: line 12 cannot be read" in build(recording, judge(recording)).missing


def test_lanes_of_an_alert_have_pending_before_firing() -> None:
    spans = lane(view_of("pass"), "alert", "dep_breaker_open").spans

    assert [(span.state, span.tone) for span in spans] == [("pending", "pending"), ("firing", "alarm")]
    assert spans[0].end == pytest.approx(spans[1].start, abs=1.0)


def test_the_breaker_goes_through_its_states() -> None:
    spans = lane(view_of("pass"), "breaker", "dep").spans

    assert [span.state for span in spans][:2] == ["closed", "open"]
    assert spans[-1].state == "closed"


def test_the_breaker_s_lane_ends_with_the_last_scrape_of_its_gauge() -> None:
    seen = RecordingBuilder().steady().fault().breaker((0, "closed"), (21, "open"), (45, "closed"), until=50)
    recording = seen.end(90)
    spans = lane(build(recording, UNKNOWN), "breaker", "dep").spans
    assert spans[-1].state == "closed"
    assert spans[-1].end == pytest.approx(49.5)


def test_a_promise_that_is_kept_only_while_the_fault_lasts_is_no_trouble() -> None:
    view = view_of("pass")
    spans = lane(view, "promise", "GET /ready").spans

    assert [span.tone for span in spans] == ["quiet", "shield", "quiet"]
    assert not any("degradation:" in entry.text for entry in view.story)


def test_a_promise_that_is_broken_in_the_fault_is_shown_as_bad() -> None:
    builder = RecordingBuilder().steady().fault(20, 44)
    builder.probe(20, 44, ok=False, status=500, label="degradation: GET /ready").load(5, 60)

    assert [span.tone for span in lane(build(builder.end(70), UNKNOWN), "promise", "GET /ready").spans] == [
        "bad"
    ]


def test_a_probe_that_stopped_answering_is_not_claimed_to_be_well() -> None:
    builder = RecordingBuilder().phase(1, Phase.TIMELINE).probe(5, 10).probe(10, 12, ok=False).probe(40, 50)
    spans = lane(build(builder.end(60), UNKNOWN), "probe", READY.label).spans

    assert spans[1].end < 13
    assert spans[2].start == pytest.approx(40)


def test_a_container_that_stops_in_the_teardown_is_no_news() -> None:
    builder = RecordingBuilder().container(1, "running").phase(2, Phase.TIMELINE).phase(50, Phase.TEARDOWN)
    view = build(builder.container(51, "exited").end(60), UNKNOWN)

    assert not [lane for lane in view.lanes.lanes if lane.group == "container"]
    assert "dep: running throughout" in view.lanes.steady


def test_the_same_loss_of_several_checks_is_reported_once() -> None:
    lost = LostPoints(check="degradation", dimension=Dimension.CONTAINMENT, points=2.5, reason="r", fix="f")
    score = Score(total=95.0, certifiable=True, lost=(lost, lost, lost.model_copy(update={"reason": "s"})))
    view = build(demo_recording("pass"), UNKNOWN.model_copy(update={"score": score}))

    assert [(part.points, part.reason) for part in view.score.lost] == [("5", "r"), ("2.5", "s")]


def test_evidence_has_its_instant_on_the_run_and_beside_the_fault() -> None:
    result = a_result(
        outcome=Outcome.FAIL,
        evidence=(Evidence(text="opened", at=21.5), Evidence(text="all along")),
        measures=(a_figure(value=1.5, limit=1.0), a_figure(value=None, limit=5.0)),
    )
    (check,) = build(demo_recording("pass"), UNKNOWN.model_copy(update={"checks": (result,)})).checks

    assert [(fact.at, fact.after) for fact in check.evidence] == [("21.5 s", "+1.5 s"), ("", "")]
    assert [(m.value, m.limit, m.share) for m in check.measures] == [
        ("1.5 s", "of 1.0 s", 1.5),
        ("no data", "of 5.0 s", None),
    ]


def test_a_share_has_a_lower_bound_and_is_never_beyond_it() -> None:
    measures = (
        a_figure(value=1.0, limit=0.99, unit=Unit.SHARE),
        a_figure(value=0.9999, limit=0.99, unit=Unit.SHARE),
        a_figure(value=0.5, limit=1.0, unit=Unit.SHARE),
    )
    result = a_result(measures=measures)
    (check,) = build(demo_recording("pass"), UNKNOWN.model_copy(update={"checks": (result,)})).checks

    assert [(m.value, m.limit, m.share) for m in check.measures] == [
        ("100 %", "at least 99 %", 1.0),
        ("99.9 %", "at least 99 %", 1.0),
        ("50 %", "at least 100 %", 0.5),
    ]


def test_metrics_that_no_one_asked_for_are_not_missed() -> None:
    recording = demo_recording("pass")
    plan = recording.plan.model_copy(update={"detection": None})
    view = build(replace(recording, plan=plan, metrics=Metrics()), UNKNOWN)

    assert not any("metrics" in line for line in view.missing)


def test_the_users_tile_says_how_long_requests_had_waited_at_the_undo() -> None:
    builder = RecordingBuilder().steady(10).fault(20, 44, took=0.1).probe(5, 80).load(5, 34).load(44, 80)
    for number in range(100):
        asked = 34 + number * 0.1
        builder.load(asked, asked + 0.1, rate=10, latency=44.2 - asked)
    recording = builder.end()
    users = tile(build(recording, judge(recording)), "Users saw")
    assert "99 requests had waited up to 9.9 s when the undo began" in users.lines


def test_users_who_never_got_an_answer_are_in_the_headline() -> None:
    builder = RecordingBuilder().steady().fault(20, 44).load(5, 20).waiting(20, 44, stopped=60).load(44, 60)
    view = build(builder.end(60), UNKNOWN)

    users = tile(view, "Users saw")
    assert figure(view, "failed") == users.value != "0 %"
    assert "480 requests had no answer when the load was stopped" in users.lines


def test_an_alert_without_a_state_crashes_neither_the_judge_nor_the_report() -> None:
    recording = demo_recording("pass")
    series = tuple(
        one.model_copy(update={"labels": {k: v for k, v in one.labels.items() if k != "alertstate"}})
        for one in recording.metrics.series
    )
    damaged = replace(recording, metrics=recording.metrics.model_copy(update={"series": series}))
    verdict = judge(damaged)
    assert not [one.actual for one in verdict.checks if "crashed" in one.actual]
    assert not [lane for lane in build(damaged, verdict).lanes.lanes if lane.group == "alert"]
