"""What YAML itself lets pass must end as one line, whichever parser reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.errors import BadInput
from chaos.scenario import places
from chaos.scenario.places import read_document


@pytest.mark.parametrize("opened", ["[", "{a: ", "- "])
def test_a_file_that_is_nested_without_end_is_refused_in_one_line(tmp_path: Path, opened: str) -> None:
    path = tmp_path / "deep.yaml"
    path.write_text(opened * 100_000)
    with pytest.raises(BadInput, match="nested too deeply"):
        read_document(path)


@pytest.mark.parametrize("text", ["a: [1,\nb: 2\n", "a: 'x\n", "a: b: c\n", "\t- a\n"])
def test_a_mistake_is_told_in_the_same_words_by_both_parsers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises(BadInput) as fast:
        read_document(path)
    monkeypatch.setattr(places, "_MAX_OPENED", -1)
    with pytest.raises(BadInput) as slow:
        read_document(path)
    assert str(fast.value) == str(slow.value)
