"""A run that is steered while it goes on: aborted, held, resumed, hurried to its next fault, annotated."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from chaos.errors import Interrupted
from chaos.faults.container_kill import ContainerKill
from chaos.runner import RunControl, Runner, control_executor
from chaos.timeline.events import Event
from chaos.timeline.steered import held_between, held_stretches
from tests.runner_harness import RunnerHarness


def kill(at: str, hold: str = "10s") -> ContainerKill:
    return ContainerKill.model_validate(
        {"at": at, "for": hold, "fault": "container.kill", "service": "cache"}
    )


@dataclass
class _Reacting:
    """The journal, and a person who does something once an event of a kind was written."""

    harness: RunnerHarness
    kind: str
    reacts: Callable[[], None]
    done: bool = False

    def write(self, event: Event) -> None:
        self.harness.journal.write(event)
        if event.event == self.kind and not self.done:
            self.done = True
            self.reacts()


async def steered(
    harness: RunnerHarness, control: RunControl, kind: str = "", reacts: Callable[[], None] = lambda: None
) -> None:
    needs = replace(harness.needs(), control=control, journal=_Reacting(harness, kind, reacts))
    await harness.run(Runner(harness.plan, needs).run())


def at(harness: RunnerHarness, kind: str, number: int = 0) -> float:
    """Monotonic instant of an event."""
    return float(harness.journal.of(kind)[number].mono)


async def later(harness: RunnerHarness, seconds: float, act: Callable[[], None]) -> None:
    await harness.clock.sleep(seconds)
    act()


async def test_a_held_run_keeps_its_fault_in_place_and_the_timeline_stands_still(tmp_path: Path) -> None:
    harness, control = RunnerHarness(tmp_path, kill("2s"), kill("30s")), RunControl()
    tasks: list[asyncio.Task[None]] = []

    def hold() -> None:
        control.hold("the room needs time", "ann")
        tasks.append(asyncio.ensure_future(later(harness, 60, lambda: control.resume("bob"))))

    await steered(harness, control, "fault_injected", hold)
    (held,), (resumed,) = harness.journal.of("run_held"), harness.journal.of("run_resumed")
    assert (held.reason, held.author, resumed.author) == ("the room needs time", "ann", "bob")
    assert resumed.mono - held.mono == pytest.approx(60, abs=0.1)
    stood = at(harness, "fault_reverted") - at(harness, "fault_injected")
    assert stood == pytest.approx(10 + 60, abs=1), "the hold is no part of the ten planned seconds"
    between = at(harness, "fault_injected", 1) - at(harness, "fault_injected")
    assert between == pytest.approx(28 + 60, abs=1), "the next fault moves by the hold"
    looks = [
        event.mono
        for event in harness.journal.of("fault_measured")
        if event.when == "during" and held.mono < event.mono < resumed.mono
    ]
    gaps = [b - a for a, b in zip([held.mono, *looks], [*looks, resumed.mono], strict=True)]
    assert max(gaps) <= 1.1, "the witness goes on looking"


async def test_a_hold_before_the_timeline_keeps_it_from_beginning(tmp_path: Path) -> None:
    harness, control = RunnerHarness(tmp_path, kill("2s")), RunControl()
    control.hold()
    task = asyncio.ensure_future(later(harness, 100, control.resume))
    await steered(harness, control)
    timeline = next(e for e in harness.journal.of("phase_began") if e.phase == "timeline")
    assert timeline.mono >= at(harness, "run_resumed")
    assert at(harness, "fault_injected") - timeline.mono == pytest.approx(2, abs=0.2)
    await task


async def test_an_aborted_run_undoes_everything_and_says_who_ended_it(tmp_path: Path) -> None:
    harness, control = RunnerHarness(tmp_path, kill("2s", "100s")), RunControl()
    with pytest.raises(Interrupted, match="aborted by ann: smoke in the hall"):
        await steered(harness, control, "fault_injected", lambda: control.abort("smoke in the hall", "ann"))
    (interrupted,) = harness.journal.of("run_interrupted")
    assert interrupted.reason == "aborted by ann: smoke in the hall"
    (reverted,) = harness.journal.of("fault_reverted")
    assert reverted.ok
    assert reverted.mono - at(harness, "fault_injected") < 5
    assert harness.deployment.log[-3:] == ["down"] or "down" in harness.deployment.log
    assert harness.journal.events[-1].event == "run_ended"


async def test_the_next_fault_is_injected_early_and_stays_as_long_as_planned(tmp_path: Path) -> None:
    harness, control = RunnerHarness(tmp_path, kill("100s"), kill("200s")), RunControl()
    control.inject_now(author="ann")  # nothing is due yet: it is refused
    begun = []

    def inject() -> None:
        begun.append(harness.clock.mono())

    await steered(harness, control, "none", inject)
    (refused,) = harness.journal.of("control_refused")
    assert (refused.action, refused.author) == ("inject now", "ann")
    assert harness.journal.of("injected_now") == []

    harness, control = RunnerHarness(tmp_path, kill("100s"), kill("200s")), RunControl()
    tasks: list[asyncio.Task[None]] = []

    def timeline() -> None:
        if harness.journal.of("phase_began")[-1].phase == "timeline":
            tasks.append(asyncio.ensure_future(later(harness, 5, lambda: control.inject_now(author="ann"))))

    needs = replace(harness.needs(), control=control, journal=_EveryPhase(harness, timeline))
    await harness.run(Runner(harness.plan, needs).run())
    (now,) = harness.journal.of("injected_now")
    assert (now.index, now.planned, now.author) == (0, 100, "ann")
    assert at(harness, "fault_injected") - now.mono == pytest.approx(0, abs=0.1)
    assert at(harness, "fault_reverted") - at(harness, "fault_injected") == pytest.approx(10, abs=0.2)
    timeline_began = next(e.mono for e in harness.journal.of("phase_began") if e.phase == "timeline")
    assert at(harness, "fault_injected", 1) - timeline_began == pytest.approx(200, abs=0.2)


@dataclass
class _EveryPhase:
    harness: RunnerHarness
    reacts: Callable[[], None]

    def write(self, event: Event) -> None:
        self.harness.journal.write(event)
        if event.event == "phase_began":
            self.reacts()


async def test_a_fault_is_injected_by_its_number_while_the_run_is_held(tmp_path: Path) -> None:
    harness, control = RunnerHarness(tmp_path, kill("2s"), kill("500s", "5s")), RunControl()
    tasks: list[asyncio.Task[None]] = []

    def react() -> None:
        control.hold("", "ann")
        control.inject_now(1)
        control.inject_now(1)
        control.inject_now(7)
        tasks.append(asyncio.ensure_future(later(harness, 20, control.resume)))

    await steered(harness, control, "fault_reverted", react)
    assert [event.index for event in harness.journal.of("injected_now")] == [1]
    reasons = [event.reason for event in harness.journal.of("control_refused")]
    assert reasons == [
        "no fault with the number 1 of the timeline is still due",
        "no fault with the number 7 of the timeline is still due",
    ]


async def test_what_makes_no_sense_is_refused_and_recorded(tmp_path: Path) -> None:
    harness, control = RunnerHarness(tmp_path, kill("2s")), RunControl()
    control.resume("ann")
    control.note("the dashboard was empty", "bob")
    control.hold("a", "ann")
    control.hold("b", "bob")
    control.resume("ann")
    await steered(harness, control)
    assert [(event.action, event.reason) for event in harness.journal.of("control_refused")] == [
        ("resume", "the run is not on hold"),
        ("hold", "the run is already on hold"),
    ]
    (note,) = harness.journal.of("note_written")
    assert (note.text, note.author) == ("the dashboard was empty", "bob")


async def test_what_is_asked_for_during_the_teardown_is_refused_but_a_note_is_kept(tmp_path: Path) -> None:
    harness, control = RunnerHarness(tmp_path, kill("2s")), RunControl()

    def react() -> None:
        control.note("back again", "ann")
        control.abort("too late")

    await steered(harness, control, "left_over", react)
    (note,), (refused,) = harness.journal.of("note_written"), harness.journal.of("control_refused")
    assert (note.text, refused.action) == ("back again", "abort")
    assert harness.journal.of("run_interrupted") == []


async def test_a_hold_that_no_one_ends_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_executor, "LONGEST_HOLD", 50.0)
    harness, control = RunnerHarness(tmp_path, kill("2s")), RunControl()
    await steered(harness, control, "fault_injected", lambda: control.hold("lunch", "ann"))
    (held,), (resumed,) = harness.journal.of("run_held"), harness.journal.of("run_resumed")
    assert resumed.mono - held.mono == pytest.approx(50, abs=1.1)
    assert "longest time allowed" in resumed.reason


async def test_a_control_is_used_from_another_thread(tmp_path: Path) -> None:
    harness, control = RunnerHarness(tmp_path, kill("2s")), RunControl()

    def react() -> None:
        threads = [threading.Thread(target=control.note, args=(f"note {n}", "ann")) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    await steered(harness, control, "fault_injected", react)
    assert sorted(event.text for event in harness.journal.of("note_written")) == sorted(
        f"note {n}" for n in range(20)
    )


async def test_held_stretches_are_read_from_the_events(tmp_path: Path) -> None:
    harness, control = RunnerHarness(tmp_path, kill("2s")), RunControl()
    tasks: list[asyncio.Task[None]] = []

    def hold() -> None:
        control.hold("why", "ann")
        tasks.append(asyncio.ensure_future(later(harness, 30, control.resume)))

    await steered(harness, control, "fault_injected", hold)
    (stretch,) = held_stretches(harness.journal.events, until=0.0)
    assert stretch.seconds == pytest.approx(30, abs=0.1)
    assert held_between([stretch], stretch.start + 10, stretch.end + 10) == pytest.approx(20, abs=0.1)
    assert held_between([stretch], stretch.end, stretch.end + 10) == 0
    open_end = [event for event in harness.journal.events if event.event != "run_resumed"]
    (never,) = held_stretches(open_end, until=stretch.start + 7)
    assert never.seconds == pytest.approx(7)
