"""``gameday run --warm``: which run may use the stack of the run before, and what every result says of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from chaos.adapters.stack.condition import Condition, differing
from chaos.adapters.stack.sweep import LabelledResources
from chaos.adapters.stack.watchdog import Watchdog
from chaos.app.stacks.lent_stack import LentStack, StandingStack
from chaos.app.stacks.standing_stacks import Started
from chaos.app.stacks.warm_runs import WarmRuns, forgets, refuse_side_by_side, shareable, together, why_alone
from chaos.errors import BadInput
from chaos.journal import RunFolder
from chaos.model.plan import Plan
from chaos.model.procedure import Procedure
from chaos.model.rules import AlertRule, DetectionFacts
from chaos.runner import Runner, RunPorts
from tests.manual_clock import ManualClock
from tests.runner_harness import RunnerHarness, plan
from tests.service import KILL, FakeWatchdog

STARTS, LOOKS_BACK = 5.0, 3600.0  # seconds


@dataclass
class FakeOne:
    """A stack in memory. ``present``: its containers."""

    clock: ManualClock
    log: list[str] = field(default_factory=list)
    present: tuple[str, ...] = ()

    async def up(self, deadline: float) -> None:
        self.log.append("up")
        self.present = ("web", "cache")
        await self.clock.sleep(STARTS)

    async def down(self) -> object:
        self.log.append("down")
        self.present = ()
        return LabelledResources()

    async def left_over(self) -> LabelledResources:
        return LabelledResources(containers=self.present)

    async def discard_offsite(self) -> str:
        return ""

    async def logs(self, folder: Path, since: float | None = None) -> None:
        self.log.append("logs" if since is None else "logs since")

    def own_services(self) -> tuple[str, ...]:
        return ()


@dataclass
class Bench:
    """Warm runs over fakes, on a clock that is turned by hand. ``condition``: how the containers are."""

    folder: Path
    clock: ManualClock = field(default_factory=ManualClock)
    condition: dict[tuple[str, str], str] = field(default_factory=lambda: {("web", "limits"): "none"})
    stacks: list[FakeOne] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    runs: list[Plan] = field(default_factory=list)
    harms: int = 0  # the number of the run that changes its containers
    left: list[Any] = field(default_factory=list)

    @asynccontextmanager
    async def deploy(self, plan: Plan, watchdog: Watchdog) -> AsyncIterator[Started]:
        one = FakeOne(self.clock)
        self.stacks.append(one)

        async def read() -> Condition:
            return dict(self.condition)

        try:
            yield Started(plan, StandingStack(one, read, self.clock), cast(Any, None))
        finally:
            await one.down()

    def open_run_ports(self, *_: object) -> AbstractAsyncContextManager[RunPorts]:
        raise AssertionError("a run of these tests shares its stack")

    @asynccontextmanager
    async def lent_ports(
        self,
        plan: Plan,
        folder: RunFolder,
        watchdog: Watchdog,
        observers: object,
        started: Started,
        lent: LentStack,
    ) -> AsyncIterator[RunPorts]:
        harness = RunnerHarness(folder.path, KILL)
        harness.clock = harness.metrics.clock = self.clock
        needs = harness.needs()
        self.left.append(harness.journal)
        yield replace(needs, stack=lent, handover=lent)

    async def run(self, plans: Sequence[Plan]) -> None:
        """Every plan in order, as ``gameday run --warm`` runs them."""
        warm = WarmRuns(plans, cast(Any, self), self.deploy, self.said.append, self.clock)
        for number, one in enumerate(plans):
            placed = await warm.next(one)
            self.runs.append(placed)
            folder = RunFolder(self.folder, f"run{number}")
            watchdog = cast(Watchdog, FakeWatchdog())
            async with warm.open_run_ports(placed, folder, watchdog, cast(Any, None), self.clock) as ports:
                run = asyncio.ensure_future(Runner(placed, ports).run())
                if number + 1 == self.harms:
                    await self.clock.sleep(STARTS + 1)
                    self.condition[("web", "limits")] = "Memory 1"
                await run
        await warm.close()


def named(name: str, **change: object) -> Plan:
    toy = plan(KILL)
    scenario = toy.scenario.model_copy(update={"scenario": name})
    return toy.model_copy(update={"scenario": scenario, **change})


async def test_three_runs_start_and_remove_one_stack_between_them(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.clock.run(bench.run([named("a"), named("b"), named("c")]))
    (one,) = bench.stacks
    assert [line for line in one.log if line in ("up", "down")] == [
        "up",
        "down",
        "down",
    ]  # the last: idempotent
    assert [run.warm_after for run in bench.runs] == [(), ("run0",), ("run0", "run1")]
    assert bench.said == [
        "b: using the stack of run run0, which left it as it was",
        "c: using the stack of run run1, which left it as it was",
    ]
    kept = [journal.of("stack_left")[0].kept for journal in bench.left]
    assert kept == [True, True, False]
    assert one.log.count("logs") == 1  # a later run keeps only what was logged since it began


async def test_after_a_run_that_changed_the_stack_the_next_one_starts_anew(tmp_path: Path) -> None:
    bench = Bench(tmp_path, harms=2)
    await bench.clock.run(bench.run([named("a"), named("b"), named("c")]))
    assert [run.warm_after for run in bench.runs] == [(), ("run0",), ()]
    assert len(bench.stacks) == 2
    assert bench.said[-1] == (
        "c: starting a new stack: run run1 did not leave its stack as it was "
        "(web: limits was none and is Memory 1)"
    )


async def test_another_pace_or_variable_gets_another_stack_without_a_complaint(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    await bench.clock.run(bench.run([named("a"), named("b", env={"web": {"X": "1"}})]))
    assert [run.warm_after for run in bench.runs] == [(), ()]
    assert len(bench.stacks) == 2
    assert bench.said == []


async def test_alert_rules_that_look_back_far_make_a_new_start_cheaper(tmp_path: Path) -> None:
    rule = AlertRule(alert="slow_burn", expr="x", window=LOOKS_BACK)
    facts = DetectionFacts(scrape_interval=1, evaluation_interval=1, rules=(rule,))
    bench = Bench(tmp_path)
    await bench.clock.run(bench.run([named("a", detection=facts), named("b", detection=facts)]))
    assert len(bench.stacks) == 2
    assert "its alert rules would see the previous run for 3600 s more" in bench.said[0]


async def test_a_short_look_back_is_waited_for(tmp_path: Path) -> None:
    rule = AlertRule(alert="late", expr="x", window=4.0)
    facts = DetectionFacts(scrape_interval=1, evaluation_interval=1, rules=(rule,))
    bench = Bench(tmp_path)
    await bench.clock.run(bench.run([named("a", detection=facts), named("b", detection=facts)]))
    assert len(bench.stacks) == 1
    (left,) = bench.left[0].of("stack_left")
    (steady, *_) = [one for one in bench.left[1].of("phase_began") if one.phase == "steady"]
    assert steady.mono - left.mono >= 4.0


def test_what_changes_a_stack_for_good_gets_one_of_its_own() -> None:
    procedure = Procedure.model_construct(procedure="restore", title="Restore", steps=[])
    assert why_alone(named("a")) == ""
    assert "procedures" in why_alone(named("a", procedures={"restore": procedure}))
    assert not shareable(named("a"), named("b", procedures={"restore": procedure}))


def test_a_shared_stack_has_the_proxies_of_all_of_its_runs() -> None:
    both = together([named("a"), named("b")])
    assert len(both.scenario.timeline) == 2
    assert both.estimate_seconds == 2 * named("a").estimate_seconds
    assert forgets(named("a")) == 0.0


def test_one_stack_carries_one_run_at_a_time() -> None:
    refuse_side_by_side(1)
    for jobs in (2, None):
        with pytest.raises(BadInput, match="one scenario after the other"):
            refuse_side_by_side(jobs)


def test_a_difference_names_what_it_is_of() -> None:
    before: Condition = {("web", "state"): "running", ("link web->cache", "toxics"): "none"}
    assert differing(before, before) == ()
    after = {
        ("web", "state"): "paused",
        ("old", "state"): "running",
        **{("link web->cache", "toxics"): "slow"},
    }
    assert differing(before, after) == (
        "link web->cache: toxics was none and is slow",
        "old: state was not there and is running",
        "web: state was running and is paused",
    )


def test_the_history_keeps_apart_what_ran_on_a_warm_stack() -> None:
    assert named("a", warm_after=("abc",)).changes == ("a warm stack",)
    assert named("a").changes == ()
