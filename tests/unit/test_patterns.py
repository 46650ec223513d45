"""Patterns of others, over texts of others."""

from __future__ import annotations

import pytest

from chaos.patterns import PatternError, pattern

ENDLESS = "a" * 200_000 + "b"  # Python's re would be busy with forty of these for longer than this test suite


@pytest.mark.parametrize("text", ["(a+)+$", "^(a|a)*$", "(.*a){12}$", "^(([a-z])+.)+[A-Z]$"])
def test_no_pattern_takes_for_ever(text: str) -> None:
    assert not pattern(text).found_in(ENDLESS)


@pytest.mark.parametrize("text", ["(?=a)b", r"(a)\1", "(?<!x)y", "(", "a{5000}", "*", "[z-a]"])
def test_what_is_no_pattern_is_refused_with_its_reason(text: str) -> None:
    with pytest.raises(PatternError, match=r"\w+"):
        pattern(text)


def test_lines_and_dots_mean_what_was_asked_for() -> None:
    assert pattern("^b$", lines=True).found_in("a\nb\nc")
    assert not pattern("^b$").found_in("a\nb\nc")
    assert pattern("a.b", dot_all=True).is_all_of("a\nb")
    assert not pattern("a.b").is_all_of("a\nb")
    assert not pattern("a").is_all_of("aa")


def test_a_text_that_is_no_utf_8_is_searched_all_the_same() -> None:
    assert pattern("end$").found_in("\udc80 end")
