"""Event streams of the pages: how many one session may have open, and from where a browser goes on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from chaos.console.access import COOKIE
from chaos.console.streams import MOST_STREAMS
from chaos.gameday.event_base import Role
from chaos.gameday.projections import Viewer
from tests.console import Hosted, hosted
from tests.fakes import ManualClock
from tests.unit.console.test_server import joined


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Hosted]:
    made = hosted(tmp_path, ManualClock())
    yield made
    made.director.journal.close()


async def test_a_session_has_a_bounded_number_of_streams_and_others_keep_theirs(day: Hosted) -> None:
    rob, cleo = joined(day, Role.RESPONDER), joined(day, Role.COMMANDER)
    seen = partial(day.director.seen_by, Viewer("responder", Role.RESPONDER))
    cookie = rob.cookies[COOKIE]
    streams = [day.console.hub.stream(seen, "", cookie) for _ in range(MOST_STREAMS)]
    for stream in streams:
        await anext(stream)
    assert rob.get("/stream").status_code == 429
    assert day.console.hub.has_capacity(cleo.cookies[COOKIE])
    await streams.pop().aclose()
    assert day.console.hub.has_capacity(cookie)
    for stream in streams:
        await stream.aclose()


@pytest.mark.parametrize("count", ["²", "1" * 5000, "-1", ""])
def test_a_browser_with_an_impossible_last_event_loads_the_page_anew(day: Hosted, count: str) -> None:
    assert day.director.seen_by(Viewer("rob", Role.RESPONDER)).since(f"p-{count}") is None
