"""Nothing may be left behind, and somebody must have looked."""

from __future__ import annotations

from chaos.checks.left_clean import CHECK
from chaos.model.verdict import Outcome
from tests.recording_builder import RecordingBuilder, judged

TITLE = "nothing is left behind"


def test_passes_when_nothing_was_found() -> None:
    result = judged(CHECK, RecordingBuilder().clean().end())[TITLE]
    assert result.outcome is Outcome.PASS
    assert result.marks[0].fraction == 1.0


def test_fails_and_names_what_is_left() -> None:
    result = judged(CHECK, RecordingBuilder().clean(containers=("toy-web-1",)).end())[TITLE]
    assert result.outcome is Outcome.FAIL
    assert "toy-web-1" in result.actual
    assert result.marks[0].fraction == 0.0


def test_inconclusive_when_no_one_looked() -> None:
    result = judged(CHECK, RecordingBuilder().end())[TITLE]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert result.marks[0].fraction is None
