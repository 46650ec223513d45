"""Room for a target that never answers."""

from __future__ import annotations

from chaos.open_loop import MOST_REQUESTS, MOST_WRITES, most_in_flight


def test_room_for_a_target_that_never_answers() -> None:
    assert most_in_flight(rate=40, timeout=10, most=MOST_REQUESTS) >= 400
    assert most_in_flight(rate=0.1, timeout=0.1, most=MOST_WRITES) > 1


def test_never_more_files_than_may_be_open() -> None:
    assert most_in_flight(rate=200, timeout=60, most=MOST_REQUESTS) == MOST_REQUESTS < 1024
