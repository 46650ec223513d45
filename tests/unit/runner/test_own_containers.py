"""A proxy of gameday's own that ends by itself ends the run: the system is not judged by it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from chaos.errors import ToolProblem
from chaos.faults.container_kill import ContainerKill
from chaos.ports import ContainerReading
from chaos.runner import Runner
from chaos.runner.own_containers import GONE_FOR, watch_own_containers
from tests.fakes import ManualClock
from tests.runner_harness import RunnerHarness


class Engine:
    """Says what the containers' states are; ``silent``: does not answer."""

    def __init__(self, **states: str) -> None:
        self.states = states
        self.silent = False

    async def read_all(self) -> Mapping[str, ContainerReading]:
        if self.silent:
            raise ToolProblem("the engine does not answer")
        return {service: ContainerReading(state) for service, state in self.states.items()}


async def watched(engine: Engine, clock: ManualClock, seconds: float) -> str:
    """What it raised within that time; "" if nothing."""

    async def watch() -> str:
        try:
            await watch_own_containers(["proxy"], engine.read_all, clock)
        except ToolProblem as problem:
            return str(problem)
        raise AssertionError("it ended")

    task = asyncio.ensure_future(watch())
    await clock.run(clock.sleep(seconds))
    await asyncio.sleep(0)
    if task.done():
        return task.result()
    task.cancel()
    return ""


async def test_a_proxy_that_stays_away_is_named() -> None:
    assert "gameday's own container proxy has ended (exited)" in await watched(
        Engine(proxy="exited"), ManualClock(), GONE_FOR + 1
    )


@pytest.mark.parametrize("state", ["running", "created", "restarting", "paused"])
async def test_a_proxy_that_has_not_ended_is_left_alone(state: str) -> None:
    assert await watched(Engine(proxy=state), ManualClock(), 4 * GONE_FOR) == ""


async def test_a_proxy_that_a_fault_destroyed_is_left_alone() -> None:
    assert await watched(Engine(), ManualClock(), 4 * GONE_FOR) == ""


async def test_a_proxy_that_comes_back_in_time_is_left_alone() -> None:
    engine, clock = Engine(proxy="exited"), ManualClock()

    async def restarted() -> None:
        for _ in range(5):
            engine.states["proxy"] = "exited"
            await clock.sleep(GONE_FOR - 1)
            engine.states["proxy"] = "running"
            await clock.sleep(1)

    task = asyncio.ensure_future(restarted())
    assert await watched(engine, clock, 5 * GONE_FOR) == ""
    task.cancel()


async def test_an_engine_that_is_silent_says_nothing_about_a_proxy() -> None:
    engine = Engine(proxy="exited")
    engine.silent = True
    assert await watched(engine, ManualClock(), 4 * GONE_FOR) == ""


async def test_a_run_whose_proxy_ends_breaks_off_as_the_harness_s_own_fault(tmp_path: Path) -> None:
    kill = {"at": "2s", "for": "10s", "fault": "container.kill", "service": "cache"}
    harness = RunnerHarness(tmp_path, ContainerKill.model_validate(kill))
    harness.stack.own = ("toxiproxy-web",)
    harness.deployment.states["toxiproxy-web"] = "exited"
    with pytest.raises(ToolProblem, match="toxiproxy-web has ended"):
        await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    (ended,) = harness.journal.of("run_ended")
    assert "toxiproxy-web" in ended.error
