"""The figures of a month: of real incidents and of exercises apart, each with the records behind it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from chaos.checks.data import ACKNOWLEDGED_KEPT
from chaos.checks.recovery import WITHIN_RTO
from chaos.findings import noted
from chaos.history import RunRow
from chaos.history.rows import CheckRow
from chaos.model.identity import RUN, ResultKey
from chaos.model.incidents import Accuracy, Incident, IncidentSeverity
from chaos.model.plan import WARM
from chaos.model.verdict import Outcome
from chaos.review import DayRecord, Month, PostMortemFile, Records, review_html, review_lines, review_markdown
from chaos.review.figures import review_of
from chaos.review.model import FigureKey, ReviewFigure, ReviewPart
from tests.gamedays import BEGAN
from tests.past_runs import a_procedure, a_run
from tests.stored_days import debriefed

MONTH = Month(2023, 11)  # that of the scripted day
NOW = datetime(2023, 12, 5, tzinfo=UTC).timestamp()
AT = datetime(2023, 11, 10, tzinfo=UTC).timestamp()
DAY = 86400.0


def incident(
    number: str, at: float = AT, drill: str = "", accuracy: Accuracy = Accuracy.NOT_JUDGED
) -> Incident:
    return Incident(
        number=number,
        source="production",
        alert="Down",
        labels={},
        severity=IncidentSeverity.SEV2,
        began=at,
        fired=at + 60,
        noticed=at + 61,
        last_active=at + 590,
        resolved=at + 600,
        drill=drill,
        accuracy=accuracy,
    )


def run(rto: Outcome, rpo: Outcome, at: float = AT, variables: str = "") -> RunRow:
    def result(key: ResultKey, outcome: Outcome) -> CheckRow:
        return CheckRow(check="x", key=key, subject=RUN, title="x", outcome=outcome)

    return a_run(
        variables=variables,
        began=at,
        checks=(result(WITHIN_RTO, rto), result(ACKNOWLEDGED_KEPT, rpo)),
        procedures=(a_procedure(ok=False, ended=at),),
    )


def figure(part: ReviewPart, key: FigureKey) -> ReviewFigure:
    (found,) = (one for one in part.figures if one.key is key)
    return found


def test_drills_never_enter_the_figures_of_incidents_and_the_month_before_stands_beside() -> None:
    last_month = datetime(2023, 10, 20, tzinfo=UTC).timestamp()
    incidents = (
        incident("INC-1", accuracy=Accuracy.TRUE),
        incident("INC-2", accuracy=Accuracy.FALSE),
        incident("INC-3", drill="run"),
        incident("INC-4", at=last_month),
        incident("INC-5", at=MONTH.end),
    )
    made = review_of(Records(incidents=incidents), MONTH, NOW)
    count = figure(made.incidents, FigureKey.COUNT)
    assert (count.value, count.of, count.before) == (2, 2, 1)
    mttr = figure(made.incidents, FigureKey.RECOVER)
    assert (mttr.value, mttr.of, mttr.unit) == (600, 2, "s")
    accuracy = figure(made.incidents, FigureKey.ACCURACY)
    assert (accuracy.value, accuracy.of, accuracy.before) == (0.5, 2, None)
    assert figure(made.exercises, FigureKey.DETECT).of == 1
    assert made.incidents.recurring[0][:2] == ("Down", "2")


def test_nothing_is_zero_where_nothing_was_recorded() -> None:
    made = review_of(Records(), MONTH, NOW)
    for part in (made.incidents, made.exercises):
        for one in part.figures:
            counted = one.key is FigureKey.COUNT and part is made.exercises  # runs are always counted
            assert one.value is None or counted, one.key
            assert one.of == 0
    assert made.open_findings is None
    text = review_markdown(made)
    assert text.count("not enough data") >= 2 * len(made.incidents.figures)


def test_objectives_are_those_of_runs_of_the_stack_as_it_stands() -> None:
    runs = (
        run(Outcome.PASS, Outcome.PASS),
        run(Outcome.FAIL, Outcome.INCONCLUSIVE, variables=WARM),
        run(Outcome.FAIL, Outcome.FAIL, variables="api.DEFECT=x"),
        run(Outcome.FAIL, Outcome.FAIL, at=MONTH.start - 1),
    )
    made = review_of(Records(runs=runs), MONTH, NOW).exercises
    rto, rpo = figure(made, FigureKey.RTO), figure(made, FigureKey.RPO)
    assert (rto.value, rto.of, rto.before) == (0.5, 2, 0.0)
    assert (rpo.value, rpo.of, rpo.note) == (1.0, 1, "1 inconclusive")
    worked = figure(made, FigureKey.RESTORES)
    assert (worked.value, worked.of) == (0.0, 2)


def test_the_response_comes_from_game_days() -> None:
    found, clock = debriefed()
    made = review_of(Records(days=(DayRecord("day", BEGAN, clock, found.slots),)), MONTH, NOW).exercises
    escalation = figure(made, FigureKey.ESCALATION)
    assert (escalation.value, escalation.of) == (1.0, 1)
    due = [one for one in found.slots[0].deadlines if one.status in ("met", "late")]
    messages = [one for one in due if not one.name.startswith(("respond", "escalate", "answer"))]
    on_time = figure(made, FigureKey.ON_TIME)
    assert on_time.of == len(messages) == 1
    assert on_time.value == 1.0
    delay = figure(made, FigureKey.COMMUNICATION)
    assert (delay.value, delay.of) == (240, 1)  # noticed by the alert at 180, sent at 420
    assert figure(made, FigureKey.POST_MORTEMS).value == 0.0


def test_post_mortems_and_action_items_of_incidents_and_exercises_are_apart() -> None:
    files = (
        PostMortemFile("INC-20231110-001-down.md", "incident INC-1", drill=False, complete=True, late=True),
        PostMortemFile("INC-20231110-002-drill-x.md", "run a", drill=True, complete=True, late=False),
    )
    due = date(2023, 11, 20)
    findings = (
        noted("a", "fix it", "toy-down", files[0].name, AT, due=due).model_copy(update={"closed": AT + DAY}),
        noted("b", "fix that", "toy-down", files[0].name, AT, due=due),
        noted("c", "a drill's", "toy-down", files[1].name, AT, due=date(2024, 1, 1)),
        noted("d", "closed before", "toy-down", "run b", AT - 40 * DAY).model_copy(
            update={"closed": MONTH.start - 1}
        ),
    )
    incidents = (incident("INC-1"), incident("INC-2"))
    records = Records(incidents=incidents, findings=findings, post_mortems=files)
    made = review_of(records, MONTH, NOW)
    complete = figure(made.incidents, FigureKey.POST_MORTEMS)
    assert (complete.value, complete.of, complete.note) == (0.5, 2, "1 written, 1 late")
    closed = figure(made.incidents, FigureKey.ACTIONS)
    assert (closed.value, closed.of, closed.note) == (0.5, 2, "1 overdue")
    assert figure(made.exercises, FigureKey.ACTIONS).of == 1
    assert made.open_findings == 2
    assert [row[-1] for row in made.findings] == ["fix that"]


def test_text_from_outside_is_no_markup_and_a_month_that_goes_on_says_so() -> None:
    findings = (noted("x", "<script>a</script>", "toy-down", "run a", AT, due=date(2023, 11, 11)),)
    made = review_of(Records(findings=findings, left_out=("<b>x</b>",)), MONTH, AT + 5 * DAY)
    assert not made.whole
    assert "The month is not over." in review_markdown(made)
    for text in (review_html(made), review_markdown(made)):
        assert "<script>a" not in text
        assert "<b>x" not in text
    assert any("overdue" in line for line in review_lines(made))


@pytest.mark.parametrize(
    ("month", "before", "days"),
    [("2024-01", "2023-12", 31), ("2024-03", "2024-02", 31), ("2024-12", "2024-11", 31)],
)
def test_a_month_knows_its_neighbours(month: str, before: str, days: int) -> None:
    found = Month.read(month)
    assert str(found.before) == before
    assert found.before.end == found.start
    assert found.end - found.start == days * DAY


@pytest.mark.parametrize("text", ["2024-13", "24-01", "2024", "2024-1", "x"])
def test_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a month such as 2026-11"):
        Month.read(text)


def test_no_incident_is_zero_only_where_a_detector_looked() -> None:
    def count(*watched: tuple[float, float]) -> ReviewFigure:
        made = review_of(Records(incidents=(), watched=watched), MONTH, MONTH.end + 1)
        unknown = figure(made.incidents, FigureKey.FREQUENCY).value is None
        assert unknown == (figure(made.incidents, FigureKey.COUNT).value is None)
        return figure(made.incidents, FigureKey.COUNT)

    assert (count().value, count().note) == (None, "no reading of gameday detect covers this time")
    assert count((MONTH.end, MONTH.end + 5)).value is None
    assert (count((MONTH.start, MONTH.end)).value, count((MONTH.start, MONTH.end)).note) == (0, "")
    part = count((MONTH.start + 86400, MONTH.end))
    assert part.value == 0
    assert part.note == "a detector looked from 2023-11-02 00:00 UTC to 2023-12-01 00:00 UTC only"
    known = review_of(
        Records(incidents=(incident("INC-1"),)), MONTH, NOW
    )  # its list is from before version 2
    assert figure(known.incidents, FigureKey.COUNT).value == 1
