"""The history returns what was stored: unchanged, once, and completely."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from chaos.errors import EnvironmentProblem
from chaos.history import FILE_NAME, open_history
from chaos.model.identity import TIME_TO_DETECT
from chaos.model.past import PastDrill, PastTier
from chaos.model.verdict import Outcome
from tests.past_runs import BEGAN, a_measure, a_procedure, a_run

HOSTILE = "'); DROP TABLE runs; --\x00\n\u2028"
WHOLE = a_run(
    1,
    87.5,
    a_measure(),
    a_measure(TIME_TO_DETECT, None, outcome=Outcome.FAIL, limit=None, note="it never fired"),
    procedures=(a_procedure(), a_procedure("rehearsal", ok=False, purpose="rehearse", planned=None)),
    git_commit="0123abc",
    variables="api.DEFECT=leaky",
    reason=HOSTILE,
)
DRILL = PastDrill(
    drill="d1",
    began=BEGAN,
    score=71.0,
    grade="B",
    certifiable=True,
    tiers=(PastTier(tier=1, score=80.0), PastTier(tier=2, score=None)),
    folder="drill-d1",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "reports" / FILE_NAME


def test_a_run_comes_out_as_it_was_put_in(path: Path) -> None:
    with open_history(path) as history:
        history.keep([WHOLE, a_run(0)])
    with open_history(path) as history:
        assert history.runs() == (a_run(0), WHOLE)
        assert history.runs("cache-down") == history.runs()
        assert history.runs(HOSTILE) == ()
        assert history.runs_named(WHOLE.run_id) == (WHOLE,)


def test_the_same_run_again_replaces_itself_with_all_that_belonged_to_it(path: Path) -> None:
    judged_again = WHOLE.model_copy(update={"score": 12.0, "measures": (), "procedures": ()})
    with open_history(path) as history:
        history.keep([WHOLE])
        history.keep([judged_again, judged_again])
        assert history.runs() == (judged_again,)


def test_two_runs_that_got_the_same_digits_are_two_runs(path: Path) -> None:
    other = a_run(2, run_id=WHOLE.run_id)
    with open_history(path) as history:
        history.keep([WHOLE, other])
        assert history.runs_named(WHOLE.run_id) == (WHOLE, other)


def test_runs_are_kept_all_or_none(path: Path) -> None:
    broken = a_run(5).model_copy(update={"scenario": None})  # violates NOT NULL
    with open_history(path) as history:
        with pytest.raises(EnvironmentProblem, match="cannot be used"):
            history.keep([a_run(0), broken])
        assert history.runs() == ()
        history.keep([a_run(0)])
        assert len(history.runs()) == 1


def test_drills_are_kept_likewise(path: Path) -> None:
    earlier = DRILL.model_copy(update={"drill": "d0", "began": BEGAN - 1, "tiers": ()})
    again = DRILL.model_copy(update={"grade": "A"})
    with open_history(path) as history:
        history.keep_drills([DRILL, earlier])
        history.keep_drills([again])
        assert history.drills() == (earlier, again)


def test_a_row_that_no_one_can_read_is_reported_in_one_line(path: Path) -> None:
    with open_history(path) as history:
        history.keep([WHOLE])
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE runs SET outcome = 'SPLENDID'")
    with open_history(path) as history, pytest.raises(EnvironmentProblem, match=r"outcome.*\n.*--rebuild"):
        history.runs()
