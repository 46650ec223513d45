from __future__ import annotations

import pytest

from chaos.timeline.events import Measurement
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.unit.faults.examples import read

FREE = Measurement(subject="x", values={"processors_used": 0.9, "throttled_periods": 0.0})


@pytest.mark.parametrize(
    ("used", "throttled", "took_effect"),
    [(0.1, 5.0, True), (0.2, 5.0, True), (0.21, 5.0, False), (0.1, 0.0, False), (None, 5.0, False)],
)
def test_needs_the_kernels_count_and_little_processor_time(
    used: float | None, throttled: float, took_effect: bool
) -> None:
    """A busy machine alone gives a container little time, and counts nothing."""
    now = Measurement(subject="x", values={"processors_used": used, "throttled_periods": throttled})
    assert read(fault="container.cpu", service="cache").took_effect(FREE, now) is took_effect


async def test_sets_the_quota_that_was_there_before_also_after_two_injections() -> None:
    fault, w = read(fault="container.cpu", service="cache"), fake_deployment()
    w.quotas["cache"] = 0.5
    for _ in range(2):
        await fault.inject(fault_context(w))
    assert w.quotas == {"cache": 0.1}
    await fault.revert(fault_context(w))
    assert w.quotas == {"cache": 0.5}
    assert await fault.reverted(fault_context(w))
