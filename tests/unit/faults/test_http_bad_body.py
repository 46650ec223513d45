"""``http.bad_body``: which answers are broken, and how."""

from __future__ import annotations

import pytest

from chaos.faults.http_bad_body import HttpBadBody
from chaos.ports import DialOutcome, HttpReply


def fault(how: str) -> HttpBadBody:
    given = {"at": "1m", "fault": "http.bad_body", "link": "clients->web", "how": how, "bytes": 5}
    return HttpBadBody.model_validate({**given, "for": "1m"})


@pytest.mark.parametrize(
    ("reply", "cut", "malformed"),
    [
        (HttpReply(DialOutcome.ANSWERED, 0.1, 200, {}, b'{"a": 1}'), False, False),
        (HttpReply(DialOutcome.ANSWERED, 0.1, 200, {}, b'{"a": '), False, True),
        (HttpReply(DialOutcome.CUT, 0.1, 200, {}, b'{"a": '[:5]), True, False),
        (HttpReply(DialOutcome.CUT, 0.1, 200, {}, b'{"a": 1'), False, False),
        (HttpReply(DialOutcome.RESET, 0.1), False, False),
    ],
)
def test_a_cut_body_is_not_complete_and_a_malformed_one_is_no_json(
    reply: HttpReply, cut: bool, malformed: bool
) -> None:
    assert fault("cut").struck(reply) is cut
    assert fault("malformed").struck(reply) is malformed


def test_the_proxy_is_told_how() -> None:
    assert (fault("cut").argument(), fault("malformed").argument()) == ("5", "malformed")
