"""What an operator would do, done step by step and timed. It never judges; it stops at what fails."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Literal

from chaos.errors import BadInput, ToolProblem
from chaos.model.procedure import Procedure, ProcedureStep, StepCheck
from chaos.runner.run_ports import OperatorPort
from chaos.templates import fill_text
from chaos.timeline.events import (
    Event,
    ProcedureBegan,
    ProcedureEnded,
    ProcedureStepBegan,
    ProcedureStepEnded,
)
from chaos.timing import Clock, format_duration

CHECK_EVERY = 0.5  # real seconds between two looks whether a step is done
KEPT = 16 * 1024  # characters of a step's output that the journal keeps, from its end
SHOWN_LINES = 4  # of an output, in the detail of a failure

_CUT = "it was not answered"

Purpose = Literal["prepare", "rehearse", "answer"]


class Procedures:
    """The procedures of one run. ``say`` receives one line for people at each turn. ``released`` is awaited
    before each step: it returns once the run is not held.
    """

    def __init__(
        self,
        known: Mapping[str, Procedure],
        operator: OperatorPort | None,
        clock: Clock,
        write: Callable[[Event], None],
        say: Callable[[str], None],
        released: Callable[[], Awaitable[None]],
    ) -> None:
        self._known = known
        self._operator = operator
        self._clock = clock
        self._write = write
        self._say = say
        self._released = released
        self._failed_at: float | None = None
        self.failed: list[str] = []  # names of those that stopped at a step
        self._hands = asyncio.Lock()  # one operator: procedures that are due at once come one after the other

    def failure_begins(self, at: float) -> None:
        """The wall clock just before a fault is injected; the first one is ``$failed_at``."""
        if self._failed_at is None:
            self._failed_at = at

    async def run(self, name: str, purpose: Purpose, index: int | None = None) -> str:
        """All steps in order, up to the first that fails. Returns why it failed, "" if it did not.

        A cancellation ends the command that runs, and with it everything: the run is being torn down.
        """
        procedure = self._known.get(name)
        if procedure is None:
            raise BadInput(f"the plan has no procedure {name}")
        async with self._hands:
            return await self._run(procedure, purpose, index)

    async def _run(self, procedure: Procedure, purpose: Purpose, index: int | None) -> str:
        clock, name = self._clock, procedure.procedure
        self._write(
            ProcedureBegan(at=clock.wall(), mono=clock.mono(), procedure=name, purpose=purpose, index=index)
        )
        self._say(f"{name}: {procedure.title}; planned {format_duration(procedure.planned)}")
        began, why = clock.mono(), ""
        for number, step in enumerate(procedure.steps, 1):
            await self._released()
            why = await self._step(procedure, step, number)
            if why:
                why = f"step {step.step} ({number} of {len(procedure.steps)}): {why}"
                break
        self._write(
            ProcedureEnded(at=clock.wall(), mono=clock.mono(), procedure=name, ok=not why, detail=why)
        )
        if why:
            self.failed.append(name)
        taken = _beside(clock.mono() - began, procedure.planned)
        self._say(f"{name} stopped after {taken}: {why}" if why else f"{name} done in {taken}")
        return why

    async def _step(self, procedure: Procedure, step: ProcedureStep, number: int) -> str:
        clock, name = self._clock, procedure.procedure
        self._write(ProcedureStepBegan(at=clock.wall(), mono=clock.mono(), procedure=name, step=step.step))
        place = f"{name}: {step.step} ({number} of {len(procedure.steps)})"
        self._say(f"{place}: {step.title}; planned {format_duration(step.planned)}")
        began = clock.mono()
        doing = _Doing(self._asked(), clock, self._values())
        why = await doing.commands(step) or await doing.check(step.check)
        self._write(
            ProcedureStepEnded(
                at=clock.wall(),
                mono=clock.mono(),
                procedure=name,
                step=step.step,
                ok=not why,
                detail=why,
                output=doing.output(),
                told=doing.told,
            )
        )
        if not why:
            self._say(f"{place} done in {_beside(clock.mono() - began, step.planned)}")
        return why

    def _asked(self) -> OperatorPort:
        if self._operator is None:
            raise ToolProblem("this run has nobody to carry out a procedure")
        return self._operator

    def _values(self) -> dict[str, str]:
        if self._failed_at is None:
            return {}
        instant = datetime.fromtimestamp(self._failed_at, UTC)
        return {"failed_at": instant.strftime("%Y-%m-%d %H:%M:%S.%f+00")}


class _Doing:
    """One step being done, and what its commands printed so far."""

    def __init__(self, operator: OperatorPort, clock: Clock, values: Mapping[str, str]) -> None:
        self._operator = operator
        self._clock = clock
        self._values = values
        self._printed: list[str] = []
        self.told = True  # no command said that it cannot tell
        self._looked = ""  # what the last look of the check printed

    def output(self) -> str:
        return _end("".join(_whole_lines(text) for text in (*self._printed, self._looked)))

    async def commands(self, step: ProcedureStep) -> str:
        """One after the other, all within the step's limit. Why it failed, or ""."""
        deadline = self._clock.mono() + step.limit
        for line in step.run:
            words = self._words(line)
            if isinstance(words, str):
                return words
            ran = await self._operator.run(words, max(0.0, deadline - self._clock.mono()))
            self._printed.append(ran.output)
            if ran.code is None:
                limit = format_duration(step.limit)
                return f"`{line}` was not done within {limit}, the limit of the step{_said(ran.output)}"
            if ran.code != 0:
                self.told = ran.code not in step.unknown
                return f"`{line}` exited {ran.code}{_said(ran.output)}"
        return ""

    async def check(self, check: StepCheck) -> str:
        """Look until it holds or its time is over. What was awaited and seen instead, or ""."""
        words = self._words(check.run) if check.run is not None else []
        if isinstance(words, str):
            return words
        deadline = self._clock.mono() + check.within
        seen = ""
        while True:
            now = await self._look(check, words, deadline)
            if not now:
                return ""
            seen = seen if now == _CUT and seen else now  # a look cut short by the deadline saw nothing
            if self._clock.mono() + CHECK_EVERY >= deadline:
                within = format_duration(check.within)
                return f"awaited for {within} that {_awaited(check)}; seen instead: {seen}"
            await self._clock.sleep(CHECK_EVERY)

    async def _look(self, check: StepCheck, words: list[str], deadline: float) -> str:
        """What was seen instead of what the check awaits, "" if it holds."""
        if check.http is not None:
            answer = await self._operator.ask(check.http)
            return "" if answer.holds else answer.detail
        # The first look happens whatever is left: no check holds or fails by not being made.
        ran = await self._operator.run(words, max(CHECK_EVERY, deadline - self._clock.mono()))
        self._looked = ran.output
        if ran.code is None:
            return _CUT
        if ran.code != 0:
            return f"exit code {ran.code}{_said(ran.output)}"
        if check.prints is not None and not re.search(check.prints, ran.output, re.MULTILINE):
            return f"it printed nothing of the kind{_said(ran.output)}"
        return ""

    def _words(self, line: str) -> list[str] | str:
        """The command word by word, or why there is none: no shell is between, so a value stays one word."""
        try:
            return [fill_text(word, self._values) for word in shlex.split(line)]
        except KeyError as error:
            return f"`{line}` asks for ${error.args[0]}, and no fault was injected before it"
        except ValueError as error:
            return f"`{line}` cannot be read: {error}"


def _awaited(check: StepCheck) -> str:
    if check.http is not None:
        status = "below 400" if check.http.status is None else check.http.status
        return f"{check.http.method} {check.http.service}{check.http.path} answers {status}"
    prints = f" and prints {check.prints!r}" if check.prints is not None else ""
    return f"`{check.run}` exits 0{prints}"


def _said(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return f": {' / '.join(lines[-SHOWN_LINES:])}" if lines else ", and printed nothing"


def _whole_lines(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def _end(text: str) -> str:
    """No more than ``KEPT`` characters of the end, beginning with a whole line."""
    if len(text) <= KEPT:
        return text
    return text[-KEPT:].partition("\n")[2] or text[-KEPT:]


def _beside(taken: float, planned: float) -> str:
    return f"{format_duration(round(taken, 1))} (planned {format_duration(planned)})"
