"""``http.slow_body``: which answers are slow for their length."""

from __future__ import annotations

import pytest

from chaos.faults.http_slow_body import HttpSlowBody
from chaos.ports import DialOutcome, HttpReply

FAULT = HttpSlowBody.model_validate(
    {"at": "1m", "fault": "http.slow_body", "link": "clients->web", "rate": 100, "for": "1m"}
)


@pytest.mark.parametrize(
    ("reply", "struck"),
    [
        (HttpReply(DialOutcome.ANSWERED, 3.0, 200, {}, b"x" * 401), True),
        (HttpReply(DialOutcome.ANSWERED, 1.6, 200, {}, b"x" * 401), True),
        (HttpReply(DialOutcome.ANSWERED, 1.4, 200, {}, b"x" * 401), False),
        (HttpReply(DialOutcome.ANSWERED, 3.0, 200, {}, b"x" * 200), False),
        (HttpReply(DialOutcome.SLOW, 3.0, 200, {}, b"x"), True),
        (HttpReply(DialOutcome.SLOW, 3.0, 200, {}, b""), False),
        (HttpReply(DialOutcome.TIMEOUT, 3.0), False),
    ],
)
def test_a_body_is_slow_for_its_length_or_not_complete_in_time(reply: HttpReply, struck: bool) -> None:
    assert FAULT.struck(reply) is struck
