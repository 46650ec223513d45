from __future__ import annotations

import pytest

from chaos.errors import ToolProblem
from tests.fake_ports import fault_context
from tests.fakes import fake_deployment
from tests.recording_builder import STACK, RecordingBuilder
from tests.results import context
from tests.unit.faults.examples import read


async def test_restarts_at_once_and_again_while_it_holds() -> None:
    fault, w = read(fault="container.restart", service="cache", every="2s"), fake_deployment()
    ports = fault_context(w)
    await fault.inject(ports)
    assert w.starts["cache"] == 1
    await ports.clock.sleep(10.0)
    assert w.starts["cache"] == 6
    await fault.revert(ports)
    await ports.clock.sleep(10.0)
    assert w.starts["cache"] == 6


async def test_one_restart_at_the_injection_is_no_proof_of_a_loop() -> None:
    fault, w = read(fault="container.restart", service="cache"), fake_deployment()
    before = await fault.measure(fault_context(w))
    await fault_context(w).containers.restart("cache", 0)
    assert not fault.took_effect(before, await fault.measure(fault_context(w)))


async def test_a_loop_that_failed_is_an_error_and_not_the_end_of_the_effect() -> None:
    fault, w = read(fault="container.restart", service="cache"), fake_deployment()
    await fault.inject(fault_context(w))
    w.failed.add("restart of cache")
    with pytest.raises(ToolProblem, match="restart of cache ended by itself"):
        await fault.measure(fault_context(w))


def test_a_fault_too_short_for_two_restarts_is_refused_at_that_pace() -> None:
    fault, scenario = (
        read(fault="container.restart", service="cache", every="2s"),
        RecordingBuilder().plan.scenario,
    )
    (objection,) = fault.problems(context(scenario, STACK, None, 20))
    assert objection.where == ("for",)
    assert "expected at least 10s of real time for two restarts, got 3s" in objection.message
    assert list(fault.problems(context(scenario, STACK, None, 1))) == []
