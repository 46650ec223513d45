"""Several observers of one run: each has a thread of its own, and none harms another or the run."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from chaos.errors import ExitCode
from chaos.journal import redacted
from chaos.runner import Observer, ObserverProblem, Observers, Progress
from chaos.runner import observers as observers_module
from chaos.timeline.events import Event, Phase, PhaseBegan, RunEnded, RunInterrupted
from tests.runner_harness import RunnerHarness
from tests.service import KILL, ports_of, run_toy, toy_in

PATIENCE = 60.0  # seconds; only a hang takes so long
BEGAN = PhaseBegan(at=1.0, mono=1.0, phase=Phase.START)
MOMENT = Progress("abc123", "toy", Phase.START, "", 0.0, 1.0)


@dataclass
class Listener(Observer):
    events: list[Event] = field(default_factory=list)
    moments: list[Progress] = field(default_factory=list)
    lost: int = 0

    def on_event(self, run_id: str, event: Event) -> None:
        assert run_id
        self.events.append(event)

    def on_progress(self, progress: Progress) -> None:
        self.moments.append(progress)

    def on_lost(self, count: int) -> None:
        self.lost += count


class Failing(Observer):
    def on_event(self, run_id: str, event: Event) -> None:
        raise ValueError("cannot draw this")


class Stuck(Observer):
    """Never comes back from its first event until the test ends."""

    def __init__(self) -> None:
        self.reached, self.release = threading.Event(), threading.Event()

    def on_event(self, run_id: str, event: Event) -> None:
        self.reached.set()
        self.release.wait()  # without a limit: a slow machine must not end what hangs


async def test_each_gets_everything_in_order_and_a_failing_one_is_reported() -> None:
    first, second = Listener(), Listener()
    observers = Observers("abc123", [first, Failing(), second])
    events = [BEGAN.model_copy(update={"mono": float(number)}) for number in range(50)]
    for event in events:
        observers.event(event)
    observers.progress(MOMENT)
    (problem,) = await observers.close()
    assert first.events == second.events == events
    assert first.moments == second.moments == [MOMENT]
    assert problem == ObserverProblem(
        "Failing", "50 calls failed, the first one with ValueError: cannot draw this"
    )


async def test_one_that_hangs_delays_nobody_and_is_left_behind() -> None:
    stuck, listener = Stuck(), Listener()
    observers = Observers("abc123", [stuck, listener])
    observers.event(BEGAN)
    assert stuck.reached.wait(PATIENCE)
    for _ in range(observers_module.QUEUED + 10):
        observers.event(BEGAN)  # returns although nobody takes anything out of the full queue
    (problem,) = await observers.close(0.05)
    assert problem.observer == "Stuck"
    assert "10 entries were dropped because it was too slow" in problem.detail
    assert "had not taken everything" in problem.detail
    assert len(listener.events) + listener.lost == observers_module.QUEUED + 11
    stuck.release.set()


async def test_a_slow_one_is_told_how_much_it_missed() -> None:
    class Slow(Listener):
        def on_event(self, run_id: str, event: Event) -> None:
            reached.set()
            release.wait(PATIENCE)
            super().on_event(run_id, event)

    reached, release = threading.Event(), threading.Event()
    slow = Slow()
    observers = Observers("abc123", [slow])
    observers.event(BEGAN)
    assert reached.wait(PATIENCE)
    for _ in range(observers_module.QUEUED + 7):
        observers.event(BEGAN)
    release.set()
    (problem,) = await observers.close(PATIENCE)
    assert slow.lost == 7
    assert len(slow.events) == observers_module.QUEUED + 1
    assert "7 entries were dropped" in problem.detail


async def test_a_run_passes_its_events_on_as_the_journal_gets_them(tmp_path: Path) -> None:
    harness, listener = RunnerHarness(tmp_path, KILL), Listener()
    outcome = await harness.run(
        run_toy(toy_in(tmp_path), tmp_path / "reports", ports_of(harness), observers=[Failing(), listener])
    )
    assert outcome.code is ExitCode.PASS
    assert outcome.judged is not None
    kept = [event.event for event in outcome.judged.recording.events]
    assert [event.event for event in listener.events] == kept
    assert isinstance(listener.events[-1], RunEnded)
    assert {moment.phase for moment in listener.moments} == set(Phase)
    assert [problem.observer for problem in outcome.observer_problems] == ["Failing"]


def test_an_observer_sees_no_secret_that_the_journal_hides() -> None:
    event = RunInterrupted(at=1.0, mono=1.0, reason="the password is hunter2")
    hidden = redacted(event, lambda text: text.replace("hunter2", "[redacted]"))
    assert isinstance(hidden, RunInterrupted)
    assert hidden.reason == "the password is [redacted]"
