"""A run on real containers that is started by a test, watched by two observers, and steered."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chaos.app.command_context import CommandContext
from chaos.app.plans import plans_of
from chaos.app.run_service import RunService
from chaos.evidence import verify
from chaos.runner import Observer, Progress, RunControl
from chaos.timeline.events import Event, FaultInjected, FaultIntended, FaultMeasured, FaultReverted, RunEnded
from chaos.timeline.steered import NoteWritten, RunHeld, RunResumed, held_stretches
from tests.stack.harness import COUNTER, ROOT, belongings
from tests.stack.judged import all_passed

pytestmark = pytest.mark.containers
LOOKS = 4  # of the witness, at a held run, before it is resumed


@dataclass
class Watcher(Observer):
    """Holds the run once its fault is injected, and resumes it when the witness looked ``LOOKS`` times."""

    control: RunControl
    events: list[Event] = field(default_factory=list)
    moments: list[Progress] = field(default_factory=list)
    looks: int = 0

    def on_event(self, run_id: str, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, FaultInjected):
            self.control.hold("the operators need a moment", "ann")
            self.control.note("the page went blank", "bob")
        held = any(isinstance(one, RunHeld) for one in self.events)
        if held and isinstance(event, FaultMeasured) and event.when == "during":
            self.looks += 1
            if self.looks == LOOKS:
                self.control.resume("ann")

    def on_progress(self, progress: Progress) -> None:
        self.moments.append(progress)


class Broken(Observer):
    """Fails at everything."""

    def on_event(self, run_id: str, event: Event) -> None:
        raise RuntimeError("no such page")

    def on_progress(self, progress: Progress) -> None:
        raise RuntimeError("no such page")


async def test_a_run_is_watched_and_steered_and_a_broken_observer_harms_nothing(tmp_path: Path) -> None:
    (plan,) = plans_of([COUNTER], 20, [], CommandContext(cwd=ROOT))
    control = RunControl()
    watcher = Watcher(control)
    async with RunService(tmp_path / "reports") as service:
        outcome = await service.run(plan, [Broken(), watcher], control)
    assert outcome.judged is not None, outcome.messages
    all_passed((outcome.judged.folder,), outcome.code)
    recording = outcome.judged.recording
    assert belongings(recording.run_id) == []
    assert verify(outcome.judged.folder).intact
    (problem,) = outcome.observer_problems
    assert problem.observer == "Broken"
    assert "RuntimeError: no such page" in problem.detail

    (stretch,) = held_stretches(recording.events, until=0.0)
    (held,), (resumed,) = recording.of(RunHeld), recording.of(RunResumed)
    assert (held.author, held.reason, resumed.author) == ("ann", "the operators need a moment", "ann")
    notes = [(note.text, note.author) for note in recording.of(NoteWritten)]
    assert notes == [("the page went blank", "bob")]
    (intended,), (reverted,) = recording.of(FaultIntended), recording.of(FaultReverted)
    planned = plan.steps[0].end - plan.steps[0].start
    assert reverted.mono - intended.mono >= planned + stretch.seconds
    assert [type(event) for event in watcher.events[-1:]] == [RunEnded]
    assert any(moment.held for moment in watcher.moments)
    assert any(moment.probes for moment in watcher.moments)
    assert any(moment.clients is not None and moment.clients.answered for moment in watcher.moments)
