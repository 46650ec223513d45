"""The phases of a run over a world in memory: order, interruption, and what breaks on the way."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from chaos.errors import Interrupted, StackProblem, ToolProblem, UndoFailed
from chaos.faults.container_kill import ContainerKill
from chaos.faults.link_down import LinkDown
from chaos.kinds import Fault
from chaos.model.links import as_link
from chaos.ports import FaultContext
from chaos.runner import Runner
from chaos.timeline.events import Measurement
from chaos.timeline.recording import Metrics
from tests.runner_harness import Left, RunnerHarness


def kill(at: str = "2s", hold: str = "10s") -> Fault:
    return ContainerKill.model_validate(
        {"at": at, "for": hold, "fault": "container.kill", "service": "cache"}
    )


def cut(at: str = "4s", hold: str = "4s") -> Fault:
    return LinkDown.model_validate({"at": at, "for": hold, "fault": "link.down", "link": "clients->web"})


def stayed(harness: RunnerHarness) -> float:
    """How long the fault of a run was in place, in seconds."""
    (injected,), (reverted,) = harness.journal.of("fault_injected"), harness.journal.of("fault_reverted")
    return float(reverted.at - injected.at)


async def test_a_run_goes_through_its_phases_and_leaves_nothing(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, kill())
    await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    phases = [event.phase for event in harness.journal.of("phase_began")]
    assert phases == ["start", "steady", "timeline", "recovery", "teardown"]
    assert [e.held for e in harness.journal.of("steady_state")] == [True, True]
    assert harness.deployment.log[0] == "up"
    assert (
        harness.deployment.log.index("kill cache")
        < harness.deployment.log.index("start cache")
        < harness.deployment.log.index("down")
    )
    assert harness.journal.kinds()[-1] == "run_ended"
    assert harness.cleared == 1


async def test_the_intent_is_written_before_the_injection(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, kill())
    seen: list[bool] = []
    write = harness.journal.write

    def spy(event: object) -> None:
        if getattr(event, "event", "") == "fault_intended":
            seen.append("kill cache" in harness.deployment.log)
        write(event)  # type: ignore[arg-type]

    harness.journal.write = spy  # type: ignore[method-assign]
    await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    assert seen == [False]


async def test_a_steady_state_that_does_not_hold_injects_nothing(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, kill())
    harness.metrics.sick = True
    await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    (steady,) = harness.journal.of("steady_state")
    assert not steady.held
    assert steady.failing
    assert "kill cache" not in harness.deployment.log
    assert "down" in harness.deployment.log


async def test_an_interruption_undoes_the_fault_and_removes_the_stack(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, kill(hold="100s"))
    run = asyncio.ensure_future(Runner(harness.plan, harness.needs()).run())
    while "kill cache" not in harness.deployment.log:
        await harness.clock.advance(1)
    run.cancel()
    with pytest.raises(Interrupted):
        await harness.clock.run(run)
    assert harness.deployment.states["cache"] == "running"
    assert "down" in harness.deployment.log
    assert [event.ok for event in harness.journal.of("fault_reverted")] == [True]
    assert harness.journal.of("run_interrupted")


async def test_an_interruption_while_the_stack_starts_still_removes_it(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, kill())
    run = asyncio.ensure_future(Runner(harness.plan, harness.needs()).run())
    await harness.clock.advance(1)
    run.cancel()
    with pytest.raises(Interrupted):
        await harness.clock.run(run)
    assert "down" in harness.deployment.log


async def test_an_undo_that_fails_is_reported_and_the_others_still_happen(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, kill(), cut())
    harness.deployment.broken.add("start")
    with pytest.raises(UndoFailed, match=r"container.kill cache"):
        await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    assert {event.index: event.ok for event in harness.journal.of("fault_reverted")} == {0: False, 1: True}
    assert not harness.deployment.closed
    assert "down" in harness.deployment.log


async def test_what_is_left_behind_is_exit_code_five(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, kill())
    harness.stack.left = Left(volumes=("toy_data",))
    with pytest.raises(UndoFailed, match="toy_data"):
        await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    assert harness.cleared == 0


async def test_a_stack_that_does_not_start_is_still_removed(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, kill())
    harness.stack.breaks = frozenset({"up"})
    with pytest.raises(ToolProblem, match="up broke"):
        await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    assert harness.deployment.log[-1] == "down"
    assert harness.journal.of("run_ended")[0].error == "up broke"


async def test_a_teardown_step_that_breaks_does_not_keep_the_next_from_happening(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, kill())
    harness.stack.breaks = frozenset({"logs"})
    await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    assert "down" in harness.deployment.log
    assert harness.cleared == 1


async def test_no_one_can_look_what_is_left_is_not_clean(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, kill())
    harness.stack.breaks = frozenset({"left_over"})
    with pytest.raises(UndoFailed, match="unknown what is left"):
        await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    assert not harness.journal.of("left_over")


@pytest.mark.parametrize("full_after", range(1, 40, 3))  # 0: nothing was started yet
async def test_a_full_disk_at_any_instant_undoes_everything(tmp_path: Path, full_after: int) -> None:
    harness = RunnerHarness(tmp_path, kill(), full_after=full_after)
    with pytest.raises(ToolProblem, match="no space left"):
        await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    assert harness.deployment.states["cache"] == "running"
    assert "down" in harness.deployment.log


async def test_a_fault_without_effect_is_measured_and_the_run_goes_on(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, kill())
    harness.deployment.deaf = True
    await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    during = [event.took_effect for event in harness.journal.of("fault_measured") if event.when == "during"]
    assert during
    assert not any(during)


async def test_clients_are_watched_for_the_whole_window_after_an_undo_that_never_harmed_them(
    tmp_path: Path,
) -> None:
    harness = RunnerHarness(tmp_path, cut())
    await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    (undone,) = harness.journal.of("fault_reverted")
    after = harness.journal.of("steady_state")[-1]
    assert after.since < undone.at
    assert after.at - undone.at >= harness.plan.healthy_for


class _SlowToSee(LinkDown):
    """Its witness takes five seconds once the fault is in place."""

    async def measure(self, context: FaultContext) -> Measurement:
        if not await context.links.enabled(self.link):
            await context.clock.sleep(5.0)
        return await super().measure(context)


async def test_the_undo_does_not_wait_for_a_slow_witness(tmp_path: Path) -> None:
    fault = _SlowToSee.model_validate(cut(at="2s", hold="8s").model_dump())
    harness = RunnerHarness(tmp_path, fault)
    await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    assert stayed(harness) == pytest.approx(8.0, abs=0.5)
    assert [e.took_effect for e in harness.journal.of("fault_measured")] == [False, True, False]


async def test_the_undo_does_not_wait_for_the_first_word_of_the_witness_either(tmp_path: Path) -> None:
    fault = _SlowToSee.model_validate(cut(at="2s", hold="4s").model_dump())
    harness = RunnerHarness(tmp_path, fault)
    await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    assert stayed(harness) == pytest.approx(4.0, abs=0.1)
    assert [e.when for e in harness.journal.of("fault_measured")] == ["before", "after"]
    assert "the witness saw no effect in time" in [progress.message for progress in harness.progress]


class _SlowBefore(LinkDown):
    """Its witness takes three seconds before the fault is in place."""

    async def measure(self, context: FaultContext) -> Measurement:
        if await context.links.enabled(self.link):
            await context.clock.sleep(3.0)
        return await super().measure(context)


async def test_a_fault_stays_its_whole_time_after_a_slow_look_at_the_state_before_it(tmp_path: Path) -> None:
    fault = _SlowBefore.model_validate(cut(at="2s", hold="4s").model_dump())
    harness = RunnerHarness(tmp_path, fault)
    await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    assert stayed(harness) == pytest.approx(4.0, abs=0.1)


async def test_a_service_that_ends_by_itself_ends_the_run_and_says_where_to_look(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, kill())
    harness.plan = harness.plan.model_copy(
        update={
            "stack": harness.plan.stack.model_copy(
                update={"links": {as_link("clients->web"): 80, as_link("web->cache"): 6379}}
            )
        }
    )
    harness.deployment.states["web"] = "exited"
    harness.metrics.sick = True
    with pytest.raises(StackProblem, match=r"web \(exited\)") as problem:
        await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    assert str(tmp_path / "logs") in str(problem.value)
    assert "kill cache" not in harness.deployment.log
    assert "down" in harness.deployment.log


async def test_why_the_steady_state_was_not_reached_is_reported_at_once(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, kill())
    harness.metrics.sick = True
    await harness.clock.run(Runner(harness.plan, harness.needs()).run())
    (message,) = {moment.message for moment in harness.progress if "not reached" in moment.message}
    assert "ok: value 0" in message


async def test_what_prometheus_says_of_itself_is_kept(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, kill())
    needs = harness.needs()
    await harness.clock.run(Runner(harness.plan, needs).run())
    assert len(harness.journal.of("rules_evaluated")) > 10
    kept = Metrics.model_validate_json(needs.folder.metrics.read_text())
    assert kept.targets is not None
    assert kept.selectors is not None
    assert (len(kept.targets), len(kept.selectors)) == (1, 1)
    (started,) = harness.journal.of("run_started")
    teardown = [event for event in harness.journal.of("phase_began") if event.phase == "teardown"]
    assert kept.read_from_mono == started.mono
    assert kept.read_to_mono is not None
    assert kept.read_to_mono >= teardown[0].mono


async def test_a_clock_that_was_set_back_hides_no_sample_from_the_reading(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, kill())
    needs = harness.needs()
    began = harness.clock.wall()

    async def set_back() -> None:
        await harness.clock.sleep(15.0)
        harness.clock._offset -= 3600.0

    setting = asyncio.ensure_future(set_back())
    await harness.clock.run(Runner(harness.plan, needs).run())
    await setting
    kept = Metrics.model_validate_json(needs.folder.metrics.read_text())
    assert kept.read_from is not None
    assert kept.read_to is not None
    assert kept.read_from <= began - 3600 + 15
    assert kept.read_to >= began + 15


async def test_a_run_whose_clients_are_well_again_watches_on_for_a_relapse(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, kill())
    plan = harness.plan.model_copy(update={"relapse_watch": 30.0})
    await harness.clock.run(Runner(plan, harness.needs()).run())
    (watched,) = harness.journal.of("watched_on")
    (teardown,) = [event for event in harness.journal.of("phase_began") if event.phase == "teardown"]
    after = harness.journal.of("steady_state")[-1]
    assert (after.when, after.held, watched.planned) == ("after", True, 30.0)
    assert 30.0 <= teardown.mono - watched.mono <= 31.0


async def test_a_relapse_while_it_watches_on_is_in_the_recording(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, kill())
    plan = harness.plan.model_copy(update={"relapse_watch": 30.0})

    async def relapse() -> None:
        while not harness.journal.of("watched_on"):
            await harness.clock.sleep(0.5)
        await harness.clock.sleep(10.0)
        harness.metrics.sick = True

    relapsing = asyncio.ensure_future(relapse())
    await harness.clock.run(Runner(plan, harness.needs()).run())
    await relapsing
    (watched,) = harness.journal.of("watched_on")
    bad = [sample for sample in harness.journal.of("sample") if sample.mono > watched.mono and not sample.ok]
    assert bad
    assert bad[0].mono - watched.mono == pytest.approx(10.0, abs=1.5)


async def test_a_run_that_does_not_recover_does_not_watch_on(tmp_path: Path) -> None:
    harness = RunnerHarness(tmp_path, kill())
    plan = harness.plan.model_copy(update={"relapse_watch": 30.0})

    async def fall_ill() -> None:
        while not harness.journal.of("fault_intended"):
            await harness.clock.sleep(0.5)
        harness.metrics.sick = True

    falling = asyncio.ensure_future(fall_ill())
    await harness.clock.run(Runner(plan, harness.needs()).run())
    await falling
    assert not harness.journal.of("watched_on")
    assert not harness.journal.of("steady_state")[-1].held
