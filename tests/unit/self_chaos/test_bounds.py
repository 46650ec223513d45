"""What fault injection on gameday calls a violation."""

from __future__ import annotations

import pytest

from tests.self_chaos.bounds import Observed, violations
from tests.self_chaos.injuries import INJURIES
from tests.self_chaos.table import document

GOOD = Observed(
    index=0,
    injury="SIGINT",
    at=12.5,
    phase="timeline",
    code=130,
    took=2.0,
    limit=25.0,
    outcome="ABORTED",
    recorded=True,
    last_line="ended",
)


def test_a_run_that_was_interrupted_in_order_breaks_no_bound() -> None:
    assert violations(GOOD) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"code": None}, "had not ended after 25 s"),
        ({"left": ("gameday-ab-web-1",)}, "left behind: gameday-ab-web-1"),
        ({"outcome": "PASS"}, "passed although"),
        ({"code": 0, "outcome": ""}, "passed although"),
        ({"outcome": "FAIL"}, "is blamed"),
        ({"unreadable": "plan.json is damaged"}, "cannot be read: plan.json is damaged"),
        ({"traceback": True}, "traceback"),
        ({"recorded": False, "last_line": ""}, "without a word"),
        ({"late": "the run had ended", "code": 4}, "exit code 4 before anything was done to it"),
    ],
)
def test_each_bound_is_seen_to_be_broken(change: dict[str, object], words: str) -> None:
    (found,) = violations(GOOD.model_copy(update=change))
    assert words in found


@pytest.mark.parametrize(
    "change", [{"late": "the run had ended"}, {"phase": "teardown"}, {"survivable": True}]
)
def test_a_run_that_lost_nothing_it_needs_may_pass(change: dict[str, object]) -> None:
    assert violations(GOOD.model_copy(update={"code": 0, "outcome": "PASS", **change})) == ()


def test_a_process_that_a_signal_ended_before_gameday_had_begun_needs_no_words() -> None:
    early = {"recorded": False, "last_line": "", "outcome": "", "phase": "", "code": -15}
    assert violations(GOOD.model_copy(update=early)) == ()


def test_the_page_has_a_line_for_each_run_and_counts_the_violations() -> None:
    page = document(1, [GOOD, GOOD.model_copy(update={"index": 1, "traceback": True})])
    assert "2 runs, 1 with a violation" in page
    assert "| SIGINT | 2 | 1 |" in page
    assert "| 0 | SIGINT | 12.5 s | timeline | 130 | ABORTED | 2 s | none |" in page


def test_every_injury_has_a_name_of_its_own() -> None:
    assert all(name == injury.name for name, injury in INJURIES.items())
    assert len(INJURIES) == 14
