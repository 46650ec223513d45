"""``http.no_header``: which answers lack the header."""

from __future__ import annotations

import pytest

from chaos.faults.http_no_header import HttpNoHeader
from chaos.ports import DialOutcome, HttpReply

FAULT = HttpNoHeader.model_validate(
    {"at": "1m", "fault": "http.no_header", "link": "clients->web", "header": "X-One", "for": "1m"}
)


@pytest.mark.parametrize(
    ("reply", "struck"),
    [
        (HttpReply(DialOutcome.ANSWERED, 0.1, 200, {"x-one": "1"}), False),
        (HttpReply(DialOutcome.ANSWERED, 0.1, 200, {"x-two": "1"}), True),
        (HttpReply(DialOutcome.CUT, 0.1, 200, {}), False),
    ],
)
def test_case_does_not_matter_and_the_answer_must_be_complete(reply: HttpReply, struck: bool) -> None:
    assert FAULT.struck(reply) is struck
