"""Notifications on a machine that was late: what Prometheus evaluated too late proves nothing."""

from __future__ import annotations

import pytest

from chaos.model.verdict import Outcome
from tests.unit.checks.messages import ALERT, Sent, with_messages
from tests.unit.checks.test_notification import builder, expected, judged


@pytest.mark.parametrize(
    ("ends", "lag", "outcome"),
    [(32, 0.9, Outcome.INCONCLUSIVE), (32, 0.1, Outcome.FAIL), (40, 0.9, Outcome.FAIL)],
    ids=["too briefly on a late machine", "too briefly", "long enough"],
)
def test_no_message_about_an_alert_that_fired_too_briefly(ends: float, lag: float, outcome: Outcome) -> None:
    """At pace 20 the route waits for 1.5 s."""
    params = expected()
    on = builder(params, fires=False).alert(ALERT, 21, 31, ends).lagging(33, 34, lag)
    assert judged(with_messages(on, ()).end(), params)["delivered"] is outcome


@pytest.mark.parametrize(
    ("sent", "stalled", "lag", "outcome"),
    [
        ((33,), 32, 1.5, Outcome.INCONCLUSIVE),
        ((33,), 32, 0.9, Outcome.FAIL),
        ((33,), 50, 1.5, Outcome.FAIL),
        ((33, 60), 32, 1.5, Outcome.FAIL),
    ],
    ids=["just before", "late only", "afterwards", "and again later"],
)
def test_a_silenced_alert_that_is_sent_after_the_machine_stood_still(
    sent: tuple[float, ...], stalled: int, lag: float, outcome: Outcome
) -> None:
    """Its root cause silences it only if it fires first."""
    params = expected([])
    on = builder(params).lagging(stalled, stalled + 1, lag)
    assert judged(with_messages(on, [Sent(at) for at in sent]).end(), params) == {"silenced": outcome}
