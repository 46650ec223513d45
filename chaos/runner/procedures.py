"""Carries out procedures as an operator would: step by step and timed, up to a step that fails."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from chaos.errors import BadInput, ToolProblem
from chaos.model.procedure import Procedure, ProcedureStep, StepCheck
from chaos.patterns import pattern
from chaos.runner.run_ports import OperatorPort
from chaos.templates import fill_text
from chaos.timeline.events import (
    Event,
    ProcedureBegan,
    ProcedureEnded,
    ProcedureStepBegan,
    ProcedureStepEnded,
    Purpose,
)
from chaos.timing import Clock, format_duration

CHECK_EVERY = 0.5  # real seconds between two attempts of a step's check
KEPT = 16 * 1024  # characters of a step's output that the journal keeps, from its end
SHOWN_LINES = 4  # lines of output in the detail of a failure

_CUT = "it was not answered"


@dataclass(frozen=True)
class ProcedureResult:
    """How a procedure ended. ``failure``: the step that failed, and why; None if every step succeeded."""

    failure: str | None = None


class _StepFailed(Exception):
    """A step failed, for the reason in ``str(error)``.

    ``unknown``: a command ended with an exit code that the step declares to mean "unknown".
    """

    def __init__(self, reason: str, unknown: bool = False) -> None:
        super().__init__(reason)
        self.unknown = unknown


@dataclass(frozen=True)
class _Look:
    """One attempt of a step's check. ``seen``: what it saw instead of what the check expects."""

    holds: bool
    seen: str = ""


class Procedures:
    """The procedures of one run. ``say`` receives one line for people at each turn. ``released`` is awaited
    before each step: it returns when the run is not on hold.
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
        self.failed: list[str] = []  # names of procedures that stopped at a step
        self._hands = (
            asyncio.Lock()
        )  # one operator: procedures that are due at the same time run one after the other

    def failure_begins(self, at: float) -> None:
        """The wall clock just before a fault is injected; the first call sets ``$failed_at``."""
        if self._failed_at is None:
            self._failed_at = at

    async def run(self, name: str, purpose: Purpose, index: int | None = None) -> ProcedureResult:
        """Runs the steps in order, up to the first that fails.

        A cancellation ends the running command: the run is in its teardown. Raises ``BadInput`` if the plan
        has no such procedure.
        """
        procedure = self._known.get(name)
        if procedure is None:
            raise BadInput(f"the plan has no procedure {name}")
        async with self._hands:
            return await self._run(procedure, purpose, index)

    async def _run(self, procedure: Procedure, purpose: Purpose, index: int | None) -> ProcedureResult:
        clock, name = self._clock, procedure.procedure
        self._write(
            ProcedureBegan(at=clock.wall(), mono=clock.mono(), procedure=name, purpose=purpose, index=index)
        )
        self._say(f"{name}: {procedure.title}; planned {format_duration(procedure.planned)}")
        began, why = clock.mono(), ""
        for number, step in enumerate(procedure.steps, 1):
            await self._released()
            try:
                await self._step(procedure, step, number)
            except _StepFailed as failure:
                why = f"step {step.step} ({number} of {len(procedure.steps)}): {failure}"
                break
        self._write(
            ProcedureEnded(at=clock.wall(), mono=clock.mono(), procedure=name, ok=not why, detail=why)
        )
        if why:
            self.failed.append(name)
        taken = _beside(clock.mono() - began, procedure.planned)
        self._say(f"{name} stopped after {taken}: {why}" if why else f"{name} done in {taken}")
        return ProcedureResult(why or None)

    async def _step(self, procedure: Procedure, step: ProcedureStep, number: int) -> None:
        """Runs one step and writes its end to the journal. Raises ``_StepFailed``."""
        clock, name = self._clock, procedure.procedure
        self._write(ProcedureStepBegan(at=clock.wall(), mono=clock.mono(), procedure=name, step=step.step))
        place = f"{name}: {step.step} ({number} of {len(procedure.steps)})"
        self._say(f"{place}: {step.title}; planned {format_duration(step.planned)}")
        began = clock.mono()
        work = _StepWork(self._asked(), clock, self._values())
        failure: _StepFailed | None = None
        try:
            await work.commands(step)
            await work.check(step.check)
        except _StepFailed as error:
            failure = error
        self._write(
            ProcedureStepEnded(
                at=clock.wall(),
                mono=clock.mono(),
                procedure=name,
                step=step.step,
                ok=failure is None,
                detail="" if failure is None else str(failure),
                output=work.output(),
                known=failure is None or not failure.unknown,
            )
        )
        if failure is not None:
            raise failure
        self._say(f"{place} done in {_beside(clock.mono() - began, step.planned)}")

    def _asked(self) -> OperatorPort:
        if self._operator is None:
            raise ToolProblem("this run has no operator to carry out a procedure")
        return self._operator

    def _values(self) -> dict[str, str]:
        if self._failed_at is None:
            return {}
        instant = datetime.fromtimestamp(self._failed_at, UTC)
        return {"failed_at": instant.strftime("%Y-%m-%d %H:%M:%S.%f+00")}


class _StepWork:
    """The work of one step, and the output of its commands so far."""

    def __init__(self, operator: OperatorPort, clock: Clock, values: Mapping[str, str]) -> None:
        self._operator = operator
        self._clock = clock
        self._values = values
        self._printed: list[str] = []
        self._looked = ""  # what the last attempt of the check printed

    def output(self) -> str:
        return _end("".join(_whole_lines(text) for text in (*self._printed, self._looked)))

    async def commands(self, step: ProcedureStep) -> None:
        """Runs the commands one after the other, all within the step's limit. Raises ``_StepFailed``."""
        deadline = self._clock.mono() + step.limit
        for line in step.run:
            ran = await self._operator.run(self._words(line), max(0.0, deadline - self._clock.mono()))
            self._printed.append(ran.output)
            if ran.code is None:
                limit = format_duration(step.limit)
                raise _StepFailed(
                    f"`{line}` was not done within {limit}, the limit of the step{_said(ran.output)}"
                )
            if ran.code != 0:
                raise _StepFailed(f"`{line}` exited {ran.code}{_said(ran.output)}", ran.code in step.unknown)

    async def check(self, check: StepCheck) -> None:
        """Repeats the check until it holds. Raises ``_StepFailed`` when its time is over."""
        words = self._words(check.run) if check.run is not None else []
        deadline = self._clock.mono() + check.within
        seen = ""
        while True:
            look = await self._look(check, words, deadline)
            if look.holds:
                return
            seen = (
                seen if look.seen == _CUT and seen else look.seen
            )  # an attempt interrupted by the deadline saw nothing
            if self._clock.mono() + CHECK_EVERY >= deadline:
                within = format_duration(check.within)
                raise _StepFailed(f"awaited for {within} that {_awaited(check)}; seen instead: {seen}")
            await self._clock.sleep(CHECK_EVERY)

    async def _look(self, check: StepCheck, words: list[str], deadline: float) -> _Look:
        if check.http is not None:
            answer = await self._operator.ask(check.http)
            return _Look(answer.holds is True, answer.detail)
        # The first attempt happens however little time is left: a check that never ran cannot fail.
        ran = await self._operator.run(words, max(CHECK_EVERY, deadline - self._clock.mono()))
        self._looked = ran.output
        if ran.code is None:
            return _Look(False, _CUT)
        if ran.code != 0:
            return _Look(False, f"exit code {ran.code}{_said(ran.output)}")
        if check.prints is not None and not pattern(check.prints, lines=True).found_in(ran.output):
            return _Look(False, f"its output does not match{_said(ran.output)}")
        return _Look(True)

    def _words(self, line: str) -> list[str]:
        """The command word by word. There is no shell, so a value stays one word. Raises ``_StepFailed``."""
        try:
            return [fill_text(word, self._values) for word in shlex.split(line)]
        except KeyError as error:
            raise _StepFailed(
                f"`{line}` uses ${error.args[0]}, but no fault was injected before it"
            ) from error
        except ValueError as error:
            raise _StepFailed(f"`{line}` cannot be parsed: {error}") from error


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
    """At most ``KEPT`` characters from the end, starting at the beginning of a line."""
    if len(text) <= KEPT:
        return text
    return text[-KEPT:].partition("\n")[2] or text[-KEPT:]


def _beside(taken: float, planned: float) -> str:
    return f"{format_duration(round(taken, 1))} (planned {format_duration(planned)})"
