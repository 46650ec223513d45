"""Each scenario passes on the stack as it is and fails on a broken one, by runs that were kept."""

from __future__ import annotations

import pytest

from chaos.model.verdict import Outcome
from tests.corpus import rules_page
from tests.corpus.suites import PAGE, kept, kept_names, page

pytestmark = pytest.mark.processes  # nothing is started; a minute of judging is too much for the quick tests


@pytest.mark.parametrize("name", kept_names())
def test_a_sound_stack_passes_and_a_broken_one_fails(name: str) -> None:
    one = kept(name)
    assert one.verdict.outcome is (Outcome.FAIL if one.defect else Outcome.PASS)


def test_the_page_is_what_the_kept_runs_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_the_table_of_the_rules_is_what_the_kept_runs_say() -> None:
    text = rules_page.PAGE.read_text(encoding="utf-8")
    assert text == rules_page.page(text)
    assert rules_page.table() in text
