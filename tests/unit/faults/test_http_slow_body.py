"""``http.slow_body``: which answers are slow for their length."""

from __future__ import annotations

import pytest

from chaos.faults.http_slow_body import HttpSlowBody
from chaos.ports import DialOutcome, HttpReply
from chaos.timeline.events import Measurement

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


def asked(affected: float | None, status: str = "200") -> Measurement:
    return Measurement(subject="GET / over l", values={"asked": 3.0, "affected": affected, "status": status})


def test_answers_that_are_slow_already_are_named_and_a_few_do_not_hide_the_end() -> None:
    assert FAULT.unfit_baseline(asked(1.0)) == "GET / over l: 1 of 3 requests were affected"
    assert FAULT.unfit_baseline(asked(0.0)) == ""
    silent = asked(None, "no answer (refused)")
    assert FAULT.unfit_baseline(silent) == "GET / over l: no answer (refused)"
    assert FAULT.unmeasured(asked(0.0), asked(1.0)) == ""
    assert FAULT.unmeasured(asked(0.0), silent) == "GET / over l: no answer (refused)"
    assert FAULT.unmeasured(asked(1.0), silent) == ""
