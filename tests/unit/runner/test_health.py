"""How well were the clients served lately? A request that hangs is not written down yet and must not count
as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from chaos.runner import ClientState
from chaos.runner.health import LoadTail, Served


def line(intended: float, served: bool = True, degraded: str | None = None, latency: float = 0.1) -> str:
    line = {"intended_mono": intended, "served": served, "degraded": degraded, "latency": latency}
    return json.dumps(line) + "\n"


def tail(tmp_path: Path, lines: Iterable[str]) -> LoadTail:
    path = tmp_path / "load.jsonl"
    path.write_text("".join(lines), encoding="utf-8")
    return LoadTail(path)


def test_only_the_window_counts(tmp_path: Path) -> None:
    lines = [line(1.0, served=False), line(2.0), line(3.0, degraded="stale"), line(4.0, served=False)]
    assert tail(tmp_path, lines).served(2.0, 4.0) == Served(answered=2, good=1)


def test_one_that_was_answered_late_does_not_count_for_a_later_window(tmp_path: Path) -> None:
    assert tail(tmp_path, [line(5.0), line(1.0, served=False)]).served(4.0, 6.0) == Served(1, 1)


def test_a_line_that_is_being_written_is_read_once_it_is_whole(tmp_path: Path) -> None:
    whole = line(2.0)
    following = tail(tmp_path, [line(1.0), whole[:9]])
    assert following.served(0.0, 9.0).answered == 1
    with (tmp_path / "load.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(whole[9:])
    assert following.served(0.0, 9.0).answered == 2


def test_without_a_file_no_one_was_served(tmp_path: Path) -> None:
    served = LoadTail(tmp_path / "load.jsonl").served(0.0, 9.0)
    assert not served.well(planned=0.0)
    assert served.words(60.0) == "no request of the load was answered"


def test_hung_requests_are_missed() -> None:
    assert Served(answered=57, good=57).well(planned=60.0)
    assert not Served(answered=50, good=50).well(planned=60.0)
    assert Served(50, 50).words(60.0) == "100.0% of the load served well, 50 of 60 requests answered"


def test_one_bad_answer_in_a_hundred_is_the_most() -> None:
    assert Served(answered=100, good=99).well(planned=100.0)
    assert not Served(answered=100, good=98).well(planned=100.0)


def test_observers_see_the_share_of_errors_and_the_slow_answers_of_the_last_seconds(tmp_path: Path) -> None:
    lines = [line(1.0, served=False, latency=9.0), *(line(n, latency=n / 10) for n in range(2, 21))]
    found = tail(tmp_path, [*lines, line(21.0, served=False, latency=0.1)]).clients(2.0)
    assert found == ClientState(answered=20, error_rate=1 / 20, latency_p95=2.0)
    assert tail(tmp_path, lines).clients(30.0) == ClientState(0, None, None)
