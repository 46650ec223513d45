from __future__ import annotations

import pytest

from chaos.model.verdict import Unit
from chaos.report import human


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "no data"),
        (0, "0 s"),
        (0.0042, "4.2 ms"),
        (0.34, "340 ms"),
        (0.9996, "1.0 s"),
        (12.34, "12.3 s"),
        (59.96, "1 min"),
        (123.0, "2 min 03 s"),
        (480.0, "8 min"),
        (3599.7, "1 h"),
        (3900.0, "1 h 05 min"),
        (-4.0, "−4.0 s"),
    ],
)
def test_every_duration_has_a_unit(seconds: float | None, text: str) -> None:
    assert human.duration(seconds) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, "no data"),
        (0, 10, "0 %"),
        (10, 10, "100 %"),
        (1, 5000, "< 0.1 %"),
        (1, 100, "1.0 %"),
        (1, 3, "33 %"),
        (9999, 10000, "99.9 %"),
        (1991, 2000, "99.5 %"),
    ],
)
def test_a_share_is_never_rounded_to_none_or_all(part: int, whole: int, text: str) -> None:
    assert human.share(part, whole) == text


@pytest.mark.parametrize(("value", "text"), [(100.0, "100"), (99.99, "99.9"), (37.5, "37.5"), (0.0, "0")])
def test_points_are_cut_and_never_rounded_up(value: float, text: str) -> None:
    assert human.points(value) == text


def test_control_characters_do_not_reach_a_file() -> None:
    assert human.plain("a\x00b\x1b[31mc\ud800") == "a\ufffdb\ufffd[31mc\ufffd"


def test_a_figure_of_unknown_value_is_no_data_and_not_zero() -> None:
    assert human.quantity(None, Unit.SECONDS) == "no data"
    assert human.quantity(0.0, Unit.SECONDS) == "0 s"
    assert human.quantity(3.0, Unit.REQUESTS) == "3 requests"


def test_counts_agree_with_their_noun() -> None:
    assert human.count(1, "check") == "1 check"
    assert human.count(10040, "request") == "10\N{NARROW NO-BREAK SPACE}040 requests"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("all 17 checks passed", "All 17 checks passed."),
        ("api_down never fired.", "api_down never fired."),
        ("1 of 2 failed. a: b.", "1 of 2 failed. a: b."),
        ("", ""),
    ],
)
def test_a_reason_is_a_sentence(text: str, sentence: str) -> None:
    assert human.sentence(text) == sentence


def test_a_link_is_drawn_with_an_arrow_and_long_words_are_clipped() -> None:
    assert human.arrows("link.down api->db") == "link.down api→db"
    assert human.clipped("abcdef", 6) == "abcdef"
    assert human.clipped("abcde fg", 7) == "abcde…"
