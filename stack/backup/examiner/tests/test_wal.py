"""Which WAL must be there, over gaps, timelines and what has expired."""

from __future__ import annotations

import pytest
from examiner.wal import Branch, Segment, Span, as_segment, missing_segments, read_history


def segments(timeline: int, *numbers: int) -> set[Segment]:
    return {Segment(timeline, number) for number in numbers}


def span(timeline: int, start: int, stop: int) -> Span:
    return Span(Segment(timeline, start), Segment(timeline, stop))


@pytest.mark.parametrize("name", ["000000010000000000000003", "0000000A00000001000000FF"])
def test_a_name_is_read_and_written_back(name: str) -> None:
    assert str(as_segment(name)) == name


def test_after_the_last_segment_of_4_gib_comes_the_first_of_the_next() -> None:
    last, first = as_segment("0000000100000000000000FF"), as_segment("000000010000000100000000")
    assert first.number == last.number + 1


def test_what_is_no_segment_is_refused() -> None:
    with pytest.raises(ValueError, match="no WAL segment"):
        as_segment("00000002.history")


def test_a_whole_archive_lacks_nothing() -> None:
    assert missing_segments(segments(1, 3, 4, 5), [span(1, 3, 4)], {}) == ()


@pytest.mark.parametrize("gone", [3, 4, 5])
def test_each_gap_behind_a_backup_is_found(gone: int) -> None:
    have = segments(1, 3, 4, 5, 6) - segments(1, gone)
    assert missing_segments(have, [span(1, 3, 4)], {}) == (Segment(1, gone),)


def test_the_segment_in_which_a_backup_ends_is_wanted_although_nothing_comes_after() -> None:
    assert missing_segments(segments(1, 3), [span(1, 3, 4)], {}) == (Segment(1, 4),)


def test_what_lies_before_the_oldest_backup_may_have_expired() -> None:
    assert missing_segments(segments(1, 1, 5, 6), [span(1, 5, 5)], {}) == ()


def test_a_timeline_goes_on_in_the_segment_where_it_left_its_parent() -> None:
    have = segments(1, 3, 4) | segments(2, 5, 6)
    assert missing_segments(have, [span(1, 3, 3)], {2: Branch(1, 5)}) == ()


def test_a_parent_that_ends_before_the_branch_is_a_gap() -> None:
    have = segments(1, 3) | segments(2, 5, 6)
    assert missing_segments(have, [span(1, 3, 3)], {2: Branch(1, 5)}) == (Segment(1, 4),)


def test_a_child_that_begins_after_the_branch_is_a_gap() -> None:
    have = segments(1, 3, 4) | segments(2, 6)
    assert missing_segments(have, [span(1, 3, 3)], {2: Branch(1, 5)}) == (Segment(2, 5),)


def test_the_beginning_of_a_timeline_may_expire_with_the_backups_before_it() -> None:
    assert missing_segments(segments(2, 90, 91), [span(2, 90, 90)], {2: Branch(1, 5)}) == ()


def test_without_backups_nothing_is_wanted() -> None:
    assert missing_segments(segments(1, 3, 5), [], {}) == ()


def test_a_history_file_names_parent_and_segment() -> None:
    text = "1\t0/3000148\tno recovery target specified\n\n2\t1/5000000\tbefore 2031\n"
    assert read_history(text) == Branch(2, 256 + 5)
    assert read_history("") is None
