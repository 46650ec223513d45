"""What a report says of procedures: of one that answers a fault, and of a run that only rehearses."""

from __future__ import annotations

from chaos.report import human
from chaos.report.html import chart_of
from chaos.report.tiles import Tile
from chaos.report.view import ReportView, build
from chaos.timeline.events import Phase, ProcedureBegan
from chaos.timeline.recording import Recording
from chaos.verdict import judge
from tests.recording_builder import BEGAN, RecordingBuilder
from tests.unit.checks.procedures import FETCH, OPEN, RESTORE, lost, ran, rehearsing
from tests.unit.checks.test_answered_faults import answered


def view_of(recording: Recording) -> ReportView:
    return build(recording, judge(recording))


def tile(view: ReportView, label: str) -> Tile:
    return next(tile for tile in view.tiles if tile.label == label)


def story_of(view: ReportView) -> list[str]:
    return [entry.text for entry in view.story]


def restored(*, end: float | None = 44.0, undone: bool = True) -> RecordingBuilder:
    builder = answered(RecordingBuilder())
    builder.plan = builder.plan.model_copy(update={"procedures": {"restore": RESTORE}})
    return builder.phase(1, Phase.STEADY).steady().fault(20, end, undone=undone).load(5, 60).probe(5, 60)


def test_an_answered_fault_was_not_held_but_answered() -> None:
    view = view_of(ran(restored(), (FETCH, True, 3.0), (OPEN, True, 2.0), purpose="answer", at=22).end())
    assert "answered by restore after 24.0 s" in tile(view, "What broke").lines
    story = story_of(view)
    assert "about to inject container.kill dep; restore answers it" in story
    assert "procedure restore begins: it answers the fault" in story
    assert f"restore, step fetch: Fetch (planned {human.duration(60)})" in story
    assert "restore, step open done" in story
    assert "answered: container.kill dep" in story
    assert "answer ended +24.0 s" in [flag.text for flag in chart_of(view).flags]
    (lane,) = [lane for lane in view.lanes.lanes if lane.group == "procedure"]
    assert [(span.state, span.start, span.end) for span in lane.spans] == [
        ("fetch", 22, 25),
        ("open", 25, 27),
    ]


def test_one_that_failed_is_trouble_and_never_an_undo_that_failed() -> None:
    builder = ran(
        restored(undone=False), (FETCH, False, 3.0), purpose="answer", at=22, detail="exit 1: no such backup"
    )
    view = view_of(builder.end())
    assert "NOT answered by restore after 24.0 s" in tile(view, "What broke").lines
    assert tile(view, "What broke").tone == "bad"
    trouble = [entry.text for entry in view.story if entry.kind == "trouble"]
    assert "restore, step fetch FAILED: exit 1: no such backup" in trouble
    assert "procedure restore stopped" in trouble
    assert not [text for text in story_of(view) if "UNDO FAILED" in text]
    assert "UNDO FAILED" not in str(tile(view, "What broke"))


def test_one_whose_end_no_one_recorded_is_missing() -> None:
    builder = ran(restored(end=None), (FETCH, True, 3.0), purpose="answer", at=22, end=False)
    view = view_of(builder.cut(26))
    assert "The end of the procedure that answers at least one fault was not recorded." in view.missing
    assert "No undo was recorded for at least one fault." not in view.missing
    assert "no end of restore was recorded" in tile(view, "What broke").lines


def test_a_rehearsal_breaks_nothing_and_no_one_misses_a_fault() -> None:
    builder = ran(rehearsing().steady().load(5, 60).probe(5, 60), (FETCH, True, 3.0), (OPEN, True, 2.0))
    view = view_of(lost(builder.end()))
    assert tile(view, "What broke").lines == ("Nothing was to be broken.", "Rehearsed: restore.")
    assert {tile(view, label).value for label in ("Over after", "Users saw")} == {"not asked"}
    assert not [line for line in view.missing if "fault" in line]
    assert "procedure restore begins: it is rehearsed" in story_of(view)


def test_a_procedure_that_the_plan_does_not_know_is_reported_all_the_same() -> None:
    builder = rehearsing("prepare").steady()
    builder.add(ProcedureBegan(at=BEGAN + 11, mono=11, procedure="elsewhere", purpose="prepare"))
    assert "procedure elsewhere begins: it prepares the run" in story_of(view_of(builder.end()))
