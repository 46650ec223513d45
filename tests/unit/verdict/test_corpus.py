"""The verdicts of kept runs stay what they are, whatever is rebuilt between the journal and the score."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.journal import load_recording
from chaos.verdict import judge
from tests.corpus.adversarial.cases import cases, unpack
from tests.corpus.archive import names, recording
from tests.corpus.table import expected, line_of

pytestmark = pytest.mark.thorough

EXPECTED = expected()


@pytest.mark.thorough
@pytest.mark.parametrize("name", names())
def test_a_kept_run_is_judged_as_before(name: str) -> None:
    """Outcome, score, certifiable, and the lost points of each check in each dimension.

    Where another verdict is right, ``python -m tests.corpus > tests/corpus/expected.tsv`` writes it down.
    """
    assert line_of(name, judge(recording(name))).text() == EXPECTED[name]


def test_every_line_of_the_table_has_its_run() -> None:
    assert sorted(EXPECTED) == sorted(names())


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack(tmp_path_factory.mktemp("adversarial"))


@pytest.mark.parametrize("name", cases())
def test_an_edited_recording_is_judged_right(folders: Path, name: str) -> None:
    assert judge(load_recording(folders / name)).outcome in cases()[name]
