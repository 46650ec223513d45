"""Several observers of one run: each has a thread of its own, and none harms another or the run."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from chaos.errors import ExitCode
from chaos.journal import redacted
from chaos.runner import Observer, ObserverProblem, Observers, Progress, RunControl
from chaos.runner import observers as observers_module
from chaos.timeline.events import (
    Event,
    FaultInjected,
    FaultMeasured,
    Phase,
    PhaseBegan,
    RunEnded,
    RunInterrupted,
)
from chaos.timeline.steered import RunHeld, held_stretches
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


async def test_one_that_hangs_delays_no_one_and_is_left_behind() -> None:
    class Awaited(Listener):
        def on_progress(self, progress: Progress) -> None:
            seen.set()

    seen, stuck = threading.Event(), Stuck()
    observers = Observers("abc123", [stuck, Awaited()])
    observers.event(BEGAN)
    assert stuck.reached.wait(PATIENCE)
    observers.progress(MOMENT)
    assert seen.wait(PATIENCE), "the other one is served while the first one hangs"
    for _ in range(observers_module.QUEUED + 10):
        observers.event(BEGAN)  # returns although nothing is taken out of the full queue
    problems = {problem.observer: problem.detail for problem in await observers.close(0.05)}
    assert "11 entries were dropped because it was too slow" in problems["Stuck"]
    assert "had not received everything" in problems["Stuck"]
    stuck.release.set()


async def test_a_slow_one_learns_how_much_it_missed() -> None:
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


async def test_an_observer_steers_the_run_that_it_watches(tmp_path: Path) -> None:
    class Steering(Listener):
        """Holds the run at its fault, until the witness looked three times."""

        looks = 0

        def on_event(self, run_id: str, event: Event) -> None:
            super().on_event(run_id, event)
            if isinstance(event, FaultInjected):
                control.hold("a question", "ann")
            if isinstance(event, FaultMeasured) and any(isinstance(one, RunHeld) for one in self.events):
                self.looks += 1
                if self.looks == 3:
                    control.resume("ann")

    control = RunControl()
    harness, observer = RunnerHarness(tmp_path, KILL), Steering()
    outcome = await harness.run(
        run_toy(
            toy_in(tmp_path),
            tmp_path / "reports",
            ports_of(harness),
            observers=[Failing(), observer],
            control=control,
        )
    )
    assert outcome.judged is not None
    assert outcome.code is ExitCode.PASS, outcome.judged.verdict.reason
    (stretch,) = held_stretches(outcome.judged.recording.events, until=0.0)
    assert stretch.seconds >= 1.0
    assert (stretch.author, stretch.reason) == ("ann", "a question")
    assert any(moment.held for moment in observer.moments)
    markdown = (outcome.judged.folder / "report.md").read_text()
    assert "held by ann: a question" in markdown
