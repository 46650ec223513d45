"""Each scenario passes on the stack as it is and fails on a broken one, by runs that were kept."""

from __future__ import annotations

import pytest

from chaos.model.verdict import Outcome
from tests.corpus import rules_page
from tests.corpus.suites import PAGE, kept, kept_names, page, scenarios

pytestmark = pytest.mark.processes  # nothing is started; a minute of judging is too much for the quick tests


@pytest.mark.parametrize("name", kept_names())
def test_a_sound_stack_passes_and_a_broken_one_fails(name: str) -> None:
    one = kept(name)
    assert one.verdict.outcome is (Outcome.FAIL if one.defect else Outcome.PASS)


@pytest.mark.parametrize(("suite", "scenario"), scenarios())
def test_each_scenario_has_a_run_that_passed_and_one_that_a_defect_failed(suite: str, scenario: str) -> None:
    runs = [name for name in kept_names() if name.partition("@")[0] == scenario]
    assert scenario in runs, f"run {suite}/{scenario} and keep it: python -m tests.corpus keep FOLDER"
    assert len(runs) > 1, f"run {suite}/{scenario} with --env DEFECT=... and keep it"


def test_the_page_is_what_the_kept_runs_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


CLAIMS = tuple(rules_page.claims(rules_page.PAGE.read_text(encoding="utf-8")))


def test_the_page_of_the_rules_names_runs() -> None:
    assert len({row.scenario for _, row in CLAIMS}) > 10


@pytest.mark.parametrize(("alert", "row"), CLAIMS, ids=lambda value: str(value)[:60])
def test_the_page_says_of_a_rule_what_the_kept_run_shows(alert: str, row: rules_page.Row) -> None:
    """Which runs are the fastest and the slowest may change with each run that is kept; their figures not."""
    if row.scenario not in kept_names():
        assert row == rules_page.NOT_SEEN
    else:
        assert row == rules_page.row_of(kept(row.scenario), alert)
