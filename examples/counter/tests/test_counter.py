"""What the counter promises its visitors, each promise with the fault under which it must hold.

cd examples/counter && pytest
"""

from __future__ import annotations

import time

from chaos.app.stacks.by_hand import Gameday


def test_every_visit_is_counted(gameday: Gameday) -> None:
    first = gameday.probe("web").json()["visits"]
    assert gameday.probe("web").json()["visits"] == first + 1


def test_without_redis_visitors_get_a_clear_answer(gameday: Gameday) -> None:
    with gameday.fault("container.kill", service="redis"):
        answer = gameday.probe("web")
        assert answer.status == 503
        assert "out of reach" in answer.text
    assert back(gameday)


def test_a_slow_redis_is_waited_for_no_longer_than_a_second(gameday: Gameday) -> None:
    with gameday.fault("link.latency", link="web->redis", latency="3s"):
        answer = gameday.probe("web")
    assert answer.status == 503
    assert answer.seconds < 2.5, "the latency alone is 3 s"
    assert back(gameday)


def test_a_visit_that_was_counted_outlives_a_crash(gameday: Gameday) -> None:
    gameday.probe("web", "/parties/ada?people=3", method="PUT")
    time.sleep(1.1)  # Redis writes its log to the disk once a second
    with gameday.fault("container.kill", service="redis"):
        assert gameday.probe("web", "/parties/ada").status == 503
    assert back(gameday)
    assert gameday.probe("web", "/parties/ada").status == 200


def back(gameday: Gameday, within: float = 20.0) -> bool:
    """Is it healthy again within so many seconds?"""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if gameday.probe("web", "/healthz").status == 200:
            return True
        time.sleep(0.2)
    return False
