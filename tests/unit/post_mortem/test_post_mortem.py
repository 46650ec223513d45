"""Post-mortems hold what was recorded and mark what was not; drills are marked; blame is found."""

from __future__ import annotations

import pytest

from chaos.model.incidents import Incident, IncidentSeverity
from chaos.post_mortem import (
    SECTIONS,
    blame_in,
    blanks_in,
    drawn,
    file_name,
    is_of_drill,
    missing_sections,
    next_number,
    of_incident,
    of_run,
    record_of,
)
from chaos.post_mortem.action_items import action_items, retest_of
from chaos.post_mortem.markdown import BLANK
from chaos.post_mortem.model import Action
from chaos.post_mortem.place import mark_of
from chaos.report.view import build
from chaos.verdict import judge
from tests.recording_builder import RecordingBuilder

FIRED = 1_795_824_000.0  # 2026-11-28 00:00 UTC
DAY = 86400.0


def incident(resolved: float | None = FIRED + 600, drill: str = "") -> Incident:
    return Incident(
        number="INC-20261128-007",
        source="staging",
        alert="PmsDown",
        labels={"alertname": "PmsDown", "job": "<script>"},
        severity=IncidentSeverity.SEV2,
        runbook="05-pms-integration-failure",
        began=FIRED - 60,
        fired=FIRED,
        noticed=FIRED + 5,
        last_active=FIRED + 590,
        resolved=resolved,
        drill=drill,
    )


def section(written: str, title: str) -> str:
    return written.split(f"## {title}\n")[1].split("\n## ")[0]


def test_an_incident_is_drawn_with_every_section_and_its_instants_in_utc_and_in_order() -> None:
    written = drawn(of_incident(incident()), "INC-20261128-007", FIRED + 3600)
    assert missing_sections(written) == ()
    timeline = section(written, "Timeline")
    instants = ["2026-11-27 23:59:00", "2026-11-28 00:00:00", "2026-11-28 00:00:05", "2026-11-28 00:10:00"]
    places = [timeline.index(instant) for instant in instants]
    assert places == sorted(places)
    assert "| detected after | 1 min |" in section(written, "Detection")
    assert "| recovered after | 11 min |" in section(written, "Resolution and recovery")


def test_what_only_people_know_is_a_blank_in_each_section_that_needs_it() -> None:
    written = drawn(of_incident(incident()), "INC-20261128-007", FIRED)
    assert all(BLANK in section(written, title) for title in SECTIONS)
    assert written.splitlines()[blanks_in(written)[0] - 1].startswith("What users saw")


def test_an_open_incident_has_no_length() -> None:
    written = drawn(of_incident(incident(resolved=None)), "INC-20261128-007", FIRED)
    assert "| ended | not recorded |" in written
    assert "| length | still open when this file was made |" in written


@pytest.mark.parametrize(("days", "said"), [(1.0, "within 24 hours"), (1.1, "late: more than 24 hours")])
def test_a_late_file_says_so(days: float, said: str) -> None:
    written = drawn(of_incident(incident()), "INC-20261128-007", FIRED + 600 + days * DAY)
    assert said in written
    assert "| meeting by | 2026-12-01 |" in written
    assert "| published by | 2026-12-05 |" in written


def test_a_drill_is_marked_in_heading_text_and_name() -> None:
    written = drawn(of_incident(incident(drill="43cacb")), "INC-20261128-007", FIRED)
    assert written.startswith("# DRILL: ")
    assert "**DRILL.**" in written
    assert file_name("INC-20261128-007", "PMS down!", drill=True) == "INC-20261128-007-drill-pms-down.md"
    assert "DRILL" not in drawn(of_incident(incident()), "INC-20261128-007", FIRED)


def test_text_from_outside_is_no_markup() -> None:
    assert "<script>" not in drawn(of_incident(incident()), "INC-20261128-007", FIRED, owner="a|<b>")


def test_a_run_has_its_story_its_figures_and_the_scenario_that_tests_it_again() -> None:
    recording = RecordingBuilder().steady().fault(20, 44).load(0, 60).clean().end(60)
    record = of_run(build(recording, judge(recording)), "SEV2", "the-folder")
    assert record.drill
    assert len([entry for entry in record.timeline if entry.what.startswith("injected")]) == 1
    assert record.began == recording.began + 20
    written = drawn(record, "INC-20261128-001", FIRED)
    assert recording.plan.scenario.scenario in section(written, "Prevention measures")
    assert missing_sections(written) == ()


def test_each_action_item_is_listed_once_with_owner_and_due_date() -> None:
    recording = RecordingBuilder().fault(20, 44).load(0, 60).end(60)
    record = of_run(build(recording, judge(recording)), "", "the-folder")
    assert len({action.what for action in record.actions}) == len(record.actions) > 0
    items = section(drawn(record, "INC-20261128-001", FIRED, "backend on call"), "Action items")
    assert items.count("| backend on call | 2026-12-12 |") == len(record.actions)


def test_the_next_number_is_free_in_files_and_incidents_of_its_day() -> None:
    taken = ["INC-20261128-002-drill-x.md", "INC-20261128-011", "INC-20261127-090", "notes.md"]
    assert next_number(FIRED, taken) == "INC-20261128-012"
    assert next_number(FIRED, []) == "INC-20261128-001"


def test_what_a_file_is_about_and_whether_it_was_an_exercise_can_be_read_back() -> None:
    assert record_of(f"# Title\n\n{mark_of('incident INC-1')}\n") == "incident INC-1"
    assert record_of("# Title\n") == ""
    assert is_of_drill(file_name("INC-20261128-001", "Redis goes down", drill=True))
    assert not is_of_drill(file_name("INC-20261128-001", "The fire drill alert fired", drill=False))


@pytest.mark.parametrize(
    "text",
    ["It was human error.", "They should have known.", "the engineer forgot to", "due to Careless work"],
)
def test_words_that_blame_are_found_at_their_place(text: str) -> None:
    (found,) = blame_in(f"# Title\n\n{text}\n")
    assert found.line == 3
    assert text[found.column - 1 :].startswith(found.words)


def test_plain_words_about_a_system_are_no_blame() -> None:
    plain = "This is blameless. The alert never fired. The API failed to start. A negligible delay. Defaults."
    assert blame_in(plain) == ()
    assert blame_in(drawn(of_incident(incident()), "INC-20261128-007", FIRED)) == ()


def test_of_several_scenarios_each_action_and_lesson_keeps_the_one_that_tests_it_again() -> None:
    actions = (
        Action(what="fix a", why="it broke", retest="a-down"),
        Action(what="fix b", why="", retest="b-down"),
    )
    record = of_incident(incident()).model_copy(update={"actions": actions, "retest": ("a-down", "b-down")})
    text = drawn(record, "INC-20261128-001", FIRED)
    assert [(one.what, one.retest) for one in action_items(text)] == [
        ("fix a", "a-down"),
        ("fix b", "b-down"),
    ]
    assert retest_of(text) is None
    filled = text.replace(
        f"What could improve (b-down): {BLANK}", "What could improve (b-down): page earlier"
    )
    assert (action_items(filled)[-1].what, action_items(filled)[-1].retest) == ("page earlier", "b-down")
