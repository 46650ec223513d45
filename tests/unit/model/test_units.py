"""The units of gameday's own figures are typed values; a check of another package may count what it likes."""

from __future__ import annotations

import pytest

from chaos.model.identity import MeasureKey
from chaos.model.verdict import Measure, Unit


@pytest.mark.parametrize(
    ("word", "unit"), [("s", Unit.SECONDS), ("share", Unit.SHARE), ("", Unit.NUMBER), ("MB", "MB")]
)
def test_a_unit_is_read_as_the_value_that_was_written(word: str, unit: Unit | str) -> None:
    read = Measure.model_validate_json(f'{{"key": "k", "label": "l", "value": 1, "unit": "{word}"}}')
    assert (type(read.unit), read.unit) == (type(unit), unit)
    assert Measure.model_validate_json(read.model_dump_json()) == read


def test_a_figure_without_a_unit_is_in_seconds() -> None:
    assert Measure(key=MeasureKey("k"), label="l", value=1.0).unit is Unit.SECONDS
