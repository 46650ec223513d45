"""Prometheus's counters of its rules are read at the pace of their evaluations; a hole is a hole."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from chaos.errors import ToolProblem
from chaos.probes.rules import watch_rules
from chaos.timeline.observations import RuleGroupState, RulesEvaluated
from tests.fakes import ManualClock


@pytest.mark.parametrize(("interval", "instants"), [(0.5, [0, 1, 4, 5]), (2.0, [0, 4])])
async def test_no_reading_where_prometheus_does_not_answer(interval: float, instants: list[int]) -> None:
    clock, written = ManualClock(), list[RulesEvaluated]()

    async def read() -> tuple[RuleGroupState, ...]:
        if 1.5 < clock.mono() < 3.5:
            raise ToolProblem("no answer")
        return (RuleGroupState(group="g", iterations=1, missed=0, failures=0, last=None, interval=0.5),)

    task = asyncio.create_task(watch_rules(read, written.append, clock, interval))
    await clock.advance(5.5)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert [round(event.mono) for event in written] == instants
