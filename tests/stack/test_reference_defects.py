"""A broken variant really breaks its promise: otherwise whoever misses it would look right."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.stack.reference import Guest, ReferenceStack, wait_for

pytestmark = pytest.mark.containers


def test_no_timeout_hangs_where_the_honest_api_answers(tmp_path: Path) -> None:
    stack = ReferenceStack(tmp_path, "no_timeout")
    try:
        stack.up()
        guest = Guest(stack.url("api"))
        wait_for("ready", lambda: _ready(guest))
        stack.docker("pause", "postgres")
        with pytest.raises(httpx.ReadTimeout):
            guest.book()
        stack.docker("unpause", "postgres")
    finally:
        stack.down()


def _ready(guest: Guest) -> None:
    assert guest.ready().status_code == 200
