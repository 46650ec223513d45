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
from chaos.app.stacks.sharing import forgets, grouped, shareable, together, why_alone
from chaos.app.stacks.standing_stacks import Started
from chaos.app.stacks.warm_runs import WarmRuns
from chaos.errors import UndoFailed
from chaos.journal import RunFolder
from chaos.model.plan import Plan
from chaos.model.procedure import Procedure
from chaos.model.rules import AlertRule, DetectionFacts
from chaos.runner import Runner, RunPorts
from chaos.runner.waits import STEADY_FOR
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
            async with warm.placed(one) as placed:
                await self._run(warm, number, placed)
        await warm.close()

    async def _run(self, warm: WarmRuns, number: int, placed: Plan) -> None:
        self.runs.append(placed)
        folder, watchdog = RunFolder(self.folder, f"run{number}"), cast(Watchdog, FakeWatchdog())
        async with warm.open_run_ports(placed, folder, watchdog, cast(Any, None), self.clock) as ports:
            run = asyncio.ensure_future(Runner(placed, ports).run())
            if number + 1 == self.harms:
                await self.clock.sleep(STARTS + 1)
                self.condition[("web", "limits")] = "Memory 1"
            await run


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
    needed = LOOKS_BACK - STEADY_FOR - bench.runs[1].first_injection
    assert f"its alert rules see the previous run for another {needed:.0f} s" in bench.said[0]


@pytest.mark.parametrize("looks_back", [2.0, 9.0])
async def test_no_fault_begins_while_a_rule_sees_the_run_before(tmp_path: Path, looks_back: float) -> None:
    """The run has its load and its steady state meanwhile."""
    rule = AlertRule(alert="late", expr="x", window=looks_back)
    facts = DetectionFacts(scrape_interval=1, evaluation_interval=1, rules=(rule,))
    bench = Bench(tmp_path)
    await bench.clock.run(bench.run([named("a", detection=facts), named("b", detection=facts)]))
    assert len(bench.stacks) == 1
    (left,) = bench.left[0].of("stack_left")
    began = {one.phase: one.mono for one in bench.left[1].of("phase_began")}
    (injected,) = bench.left[1].of("fault_injected")
    assert injected.mono - left.mono >= looks_back
    assert began["steady"] - left.mono < 1.0
    waited = began["timeline"] - left.mono
    assert waited == pytest.approx(max(looks_back - bench.runs[1].first_injection, STEADY_FOR), abs=1.0)


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


def test_runs_that_share_a_stack_follow_one_another_the_most_first_and_those_alone_last() -> None:
    procedure = Procedure.model_construct(procedure="restore", title="Restore", steps=[])
    other = {"env": {"web": {"X": "1"}}}
    plans = [
        named("alone", procedures={"restore": procedure}),
        named("x1", **other),
        named("a1"),
        named("a2"),
        named("x2", **other),
        named("a3"),
    ]
    order = [plans[index].scenario.scenario for index in grouped(plans)]
    assert order == ["a1", "a2", "a3", "x1", "x2", "alone"]


@dataclass
class Lanes:
    """Places runs that end when the test says so, and keeps the number of stacks."""

    bench: Bench
    warm: WarmRuns
    ends: dict[str, asyncio.Event] = field(default_factory=dict)
    after: dict[str, tuple[str, ...]] = field(default_factory=dict)

    async def run(self, one: Plan) -> None:
        name = one.scenario.scenario
        ending = self.ends.setdefault(name, asyncio.Event())
        async with self.warm.placed(one) as placed:
            self.after[name] = placed.warm_after
            folder, watchdog = RunFolder(self.bench.folder, f"run-{name}"), cast(Watchdog, FakeWatchdog())
            ports = self.warm.open_run_ports(placed, folder, watchdog, cast(Any, None), self.bench.clock)
            async with ports as opened:
                assert opened.handover is not None
                await opened.stack.up(60.0)
                await ending.wait()
                opened.handover.leave(self.bench.clock.mono(), [])


async def test_two_lanes_have_a_stack_each_and_a_free_one_is_used_by_the_next_run(tmp_path: Path) -> None:
    bench, plans = Bench(tmp_path), [named(name) for name in "abcd"]
    warm = WarmRuns(plans, cast(Any, bench), bench.deploy, bench.said.append, bench.clock, lanes=2)
    lanes = Lanes(bench, warm)

    async def all_runs() -> None:
        first = {name: asyncio.ensure_future(lanes.run(one)) for name, one in zip("ab", plans, strict=False)}
        await bench.clock.sleep(STARTS + 1)
        with pytest.raises(RuntimeError, match="all lanes were in use"):
            async with warm.placed(plans[2]):
                pass
        lanes.ends["b"].set()
        await first["b"]
        third = asyncio.ensure_future(lanes.run(plans[2]))
        await bench.clock.sleep(1)
        lanes.ends["a"].set()
        await first["a"]
        lanes.ends["d"] = asyncio.Event()
        lanes.ends["d"].set()
        await lanes.run(plans[3])
        lanes.ends["c"].set()
        await third
        await warm.close()

    await bench.clock.run(all_runs())
    assert len(bench.stacks) == 2
    assert lanes.after == {"a": (), "b": (), "c": ("run-b",), "d": ("run-a",)}
    assert [one.present for one in bench.stacks] == [(), ()]


async def test_a_run_that_no_running_stack_suits_takes_the_empty_lane(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    plans = [named("a"), named("x", env={"web": {"X": "1"}}), named("b")]
    warm = WarmRuns(plans, cast(Any, bench), bench.deploy, bench.said.append, bench.clock, lanes=2)
    lanes = Lanes(bench, warm)

    async def all_runs() -> None:
        for one in plans:
            lanes.ends[one.scenario.scenario] = asyncio.Event()
            lanes.ends[one.scenario.scenario].set()
            await lanes.run(one)
        await warm.close()

    await bench.clock.run(all_runs())
    assert lanes.after == {"a": (), "x": (), "b": ("run-a",)}


async def test_what_cannot_be_removed_of_one_lane_does_not_keep_the_others(tmp_path: Path) -> None:
    bench, closed = Bench(tmp_path), list[str]()
    plans = [named("a"), named("x", env={"web": {"X": "1"}}), named("b")]

    @asynccontextmanager
    async def deploy(plan: Plan, watchdog: Watchdog) -> AsyncIterator[Started]:
        async with bench.deploy(plan, watchdog) as started:
            yield started
        closed.append(str(len(closed)))
        raise UndoFailed(f"stack {len(closed)} stays")

    warm = WarmRuns(plans, cast(Any, bench), deploy, bench.said.append, bench.clock, lanes=2)
    lanes = Lanes(bench, warm)

    async def two_runs() -> None:
        for one in plans[:2]:
            lanes.ends[one.scenario.scenario] = asyncio.Event()
            lanes.ends[one.scenario.scenario].set()
            await lanes.run(one)
        with pytest.raises(UndoFailed, match="stack 1 stays\nstack 2 stays"):
            await warm.close()

    await bench.clock.run(two_runs())
    assert closed == ["0", "1"]


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
