"""The count of numbered lines, where damaged lines hold any number."""

from __future__ import annotations

import pytest

from chaos.timeline.lines import line_problems, read_lines

HUGE = 999_999_999_999_999


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'{{"seq":1,"a":1}}\n{{"lines":{HUGE}}}\n', f"lines 2 to {HUGE} are missing"),
        (
            f'{{"seq":1,"a":1}}\n{{"seq":{HUGE},"a":1}}\n{{"lines":2}}\n',
            f"lines 2 to {HUGE - 1} are missing; it was closed with 2 lines, and one has the number {HUGE}",
        ),
        ('{"seq":3,"a":1}\n{"seq":5,"a":1}\n{"lines":6}\n', "lines 1 to 2, 4, 6 are missing"),
        (
            '{"seq":2,"a":1}\n{"seq":4,"a":1}\n{"seq":6,"a":1}\n{"lines":9}\n',
            "lines 1, 3, 5 and 3 more are missing",
        ),
        ('{"seq":1,"a":1}\n{"lines":1}\n', ""),
        ('{"lines":0}\n', ""),
    ],
)
def test_what_is_missing_is_named_and_never_counted_out(text: str, said: str) -> None:
    """A list of every missing number would not fit into any memory."""
    assert "; ".join(line_problems(read_lines(text.encode()), version=3, closed=True)) == said
