"""Carries out the commands that callers give through a ``RunControl``, and records each one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chaos.errors import Interrupted
from chaos.runner.control import Abort, Command, InjectNow, Note, Resume, RunControl, RunHold
from chaos.runner.fault_execution import FaultExecution
from chaos.runner.run_time import RunTime
from chaos.timeline.events import Event
from chaos.timeline.steered import (
    ControlAction,
    ControlRefused,
    InjectedNow,
    NoteWritten,
    RunHeld,
    RunResumed,
    because,
    by,
)
from chaos.timing import Clock, format_duration

LONGEST_HOLD = 3600.0  # real seconds of one run; the load is started to last that much longer


class RunAborted(Interrupted):
    """A caller ended the run; everything was undone before this is raised."""


class Steering:
    """One run's answer to its control. ``say`` receives one line for people for each command."""

    def __init__(
        self,
        control: RunControl | None,
        clock: Clock,
        write: Callable[[Event], None],
        say: Callable[[str], None],
        shorten_deadlines: Callable[[], None],
        show_held: Callable[[bool], None] = lambda _: None,
    ) -> None:
        self._control = control
        self._clock = clock
        self._write = write
        self._say = say
        self._show_held = show_held
        self._shorten_deadlines = shorten_deadlines  # gives undos little time from now on
        self._faults: Sequence[FaultExecution] = ()
        self._held_before = 0.0  # real seconds of earlier holds
        self._held_since: float | None = None
        self.time = RunTime(clock)

    @property
    def longest(self) -> float:
        """Real seconds by which holds may lengthen the run."""
        return 0.0 if self._control is None else LONGEST_HOLD

    def faults(self, faults: Sequence[FaultExecution]) -> None:
        """From now on these can be injected before their time."""
        self._faults = faults

    async def follow(self) -> None:
        """Carry out commands while the run is in progress. Raises ``RunAborted``."""
        if self._control is None:
            return
        while True:
            self._carry_out(await self._control.received())

    async def watch_hold(self) -> None:
        """Resume a run held for longer than ``LONGEST_HOLD`` in total: its load would end before it."""
        while self._control is not None:
            await self._clock.sleep(1.0)
            held = 0.0 if self._held_since is None else self._clock.mono() - self._held_since
            if held and self._held_before + held >= LONGEST_HOLD:
                self._resume("", f"it was held for {format_duration(LONGEST_HOLD)}, the longest time allowed")

    def end(self) -> None:
        """The phases are over: record the remaining notes, refuse everything else."""
        self.time.resume()
        for command in self._control.drained() if self._control is not None else ():
            if isinstance(command, Note):
                self._note(command)
            else:
                self._refuse(_action(command), command.author, "the teardown of the run has already begun")

    def _carry_out(self, command: Command) -> None:
        if isinstance(command, Abort):
            self._abort(command)
        elif isinstance(command, RunHold):
            self._hold(command)
        elif isinstance(command, Resume):
            self._resume(command.author)
        elif isinstance(command, InjectNow):
            self._inject(command)
        else:
            self._note(command)

    def _abort(self, command: Abort) -> None:
        self._shorten_deadlines()
        raise RunAborted(f"aborted{by(command.author)}: {command.reason}")

    def _hold(self, command: RunHold) -> None:
        if self.time.held:
            self._refuse(ControlAction.HOLD, command.author, "the run is already on hold")
            return
        if self._held_before >= LONGEST_HOLD:
            limit = format_duration(LONGEST_HOLD)
            self._refuse(ControlAction.HOLD, command.author, f"the run was on hold for {limit} in total")
            return
        self._held_since = self._clock.mono()
        self.time.hold()
        self._show_held(True)
        at, mono = self._now()
        self._write(RunHeld(at=at, mono=mono, author=command.author, reason=command.reason))
        self._say(f"held{by(command.author)}{because(command.reason)}")

    def _resume(self, author: str, reason: str = "") -> None:
        if self._held_since is None:
            self._refuse(ControlAction.RESUME, author, "the run is not on hold")
            return
        at, mono = self._now()
        self._held_before += mono - self._held_since
        self._held_since = None
        self.time.resume()
        self._show_held(False)
        self._write(RunResumed(at=at, mono=mono, author=author, reason=reason))
        self._say(f"resumed{by(author)}{because(reason)}")

    def _inject(self, command: InjectNow) -> None:
        waiting = sorted((one for one in self._faults if one.waiting), key=lambda one: (one.due, one.index))
        found = next((one for one in waiting if command.index in (None, one.index)), None)
        if found is None:
            which = "no fault" if command.index is None else f"no fault with the number {command.index}"
            self._refuse(ControlAction.INJECT_NOW, command.author, f"{which} of the timeline is still due")
            return
        at, mono = self._now()
        self._write(
            InjectedNow(at=at, mono=mono, index=found.index, planned=found.due, author=command.author)
        )
        self._say(f"step {found.index} is injected now{by(command.author)}")
        found.inject_now()

    def _note(self, command: Note) -> None:
        at, mono = self._now()
        self._write(NoteWritten(at=at, mono=mono, text=command.text, author=command.author))
        self._say(f"note{by(command.author)}: {command.text}")

    def _refuse(self, action: ControlAction, author: str, reason: str) -> None:
        at, mono = self._now()
        self._write(ControlRefused(at=at, mono=mono, action=action, reason=reason, author=author))
        self._say(f"{action} was refused: {reason}")

    def _now(self) -> tuple[float, float]:
        return self._clock.wall(), self._clock.mono()


_ACTIONS = {
    Abort: ControlAction.ABORT,
    RunHold: ControlAction.HOLD,
    Resume: ControlAction.RESUME,
    InjectNow: ControlAction.INJECT_NOW,
    Note: ControlAction.NOTE,
}


def _action(command: Command) -> ControlAction:
    return _ACTIONS[type(command)]
