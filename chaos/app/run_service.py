"""Runs a plan for any caller: the command line, a test, a web page. It prints nothing and parses nothing.

async with RunService(Path("reports")) as service:
    outcome = await service.run(plan, observers=[watcher])
"""

from __future__ import annotations

import asyncio
import os
import shutil
import traceback
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Protocol

from chaos.adapters.factory import AdapterFactory
from chaos.adapters.stack.watchdog import Watchdog
from chaos.app.run_ports_factory import RunPortsFactory
from chaos.app.stored_runs.debrief import Ending, RunOutcome, debrief
from chaos.cancellation import outlasting
from chaos.engine import EngineAddress, local_engine
from chaos.errors import A_DEFECT, EnvironmentProblem, ExitCode, GamedayError, Interrupted, worst_exit
from chaos.evidence import Signer
from chaos.files import is_file, read_utf8, write_file
from chaos.journal import RunFolder, RunPlace, create_run_folder
from chaos.model.plan import Plan
from chaos.plan import stored_plan
from chaos.redaction import redact
from chaos.runner import Observer, Observers, RunControl, Runner, RunPorts
from chaos.timing import Clock, SystemClock


class OpenPorts(Protocol):
    """Creates everything that a run of a plan needs, and closes it at the end of the run."""

    def __call__(
        self, plan: Plan, folder: RunFolder, watchdog: Watchdog, observers: Observers, clock: Clock
    ) -> AbstractAsyncContextManager[RunPorts]: ...


@dataclass(frozen=True)
class RunBackend:
    """What does the work of a run: the engine, its ports and the watchdog. A test passes its own."""

    open_ports: OpenPorts
    start_watchdog: Callable[[Path], Watchdog]
    check_engine: Callable[[], Awaitable[None]]
    find_secrets: Callable[[Plan], Awaitable[tuple[str, ...]]]

    @classmethod
    def on(cls, engine: EngineAddress) -> RunBackend:
        """Runs on ``engine``."""
        factory = AdapterFactory(engine)
        return cls(
            RunPortsFactory(factory).open_run_ports,
            factory.start_watchdog,
            factory.check_engine,
            factory.find_secrets,
        )


class RunService:
    """Runs plans, one or several at a time, each into a new run folder under ``reports``.

    Use it as an asynchronous context manager: while it is open, a process of its own watches that everything
    is undone even if this process is killed.
    """

    def __init__(
        self,
        reports: Path,
        signer: Signer | None = None,
        clock: Clock | None = None,
        backend: RunBackend | None = None,
    ) -> None:
        self._reports = reports
        self._signer = signer
        self._clock = clock or SystemClock()
        self._backend = backend or RunBackend.on(local_engine(os.environ))
        self._watchdog: Watchdog | None = None
        self._judging = asyncio.Lock()  # one run at a time is judged and drawn: it needs a core and memory

    async def __aenter__(self) -> RunService:
        """Raises ``EnvironmentProblem``, with nothing created, if there is no engine to run anything on."""
        await self._backend.check_engine()
        self._watchdog = self._backend.start_watchdog(self._reports)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watchdog is not None:
            self._watchdog.done()
            self._watchdog = None

    async def find_secrets(self, plan: Plan) -> tuple[str, ...]:
        """The values that no file of a run of ``plan`` may show; raises nothing."""
        return await self._backend.find_secrets(plan)

    async def run(
        self, plan: Plan, observers: Sequence[Observer] = (), control: RunControl | None = None
    ) -> RunOutcome:
        """Run ``plan`` to its end and judge it. Whatever breaks is in the outcome; it is not raised.

        ``observers`` watch the run, and none of them can delay it. ``control`` steers this run alone.

        A cancellation undoes everything and gives an outcome with ``ExitCode.INTERRUPTED``; one that comes
        before the run did anything is raised as it is. One that comes when the run is over changes only the
        exit code: the run is judged and sealed all the same.
        """
        name = plan.scenario.scenario
        try:
            folder = create_run_folder(self._reports, name)
            place = RunPlace(folder.path)
        except GamedayError as error:
            return RunOutcome.nothing(name, error.exit_code, str(error))
        with place:
            recorded = asyncio.Event()
            work = self._recorded_and_judged(plan, folder, place, observers, control, recorded)
            try:
                outcome, late = await outlasting(work, recorded.is_set)
            except BaseException:
                _discard_unless_begun(folder, place)
                raise
        return outcome.interrupted() if late else outcome

    async def _recorded_and_judged(
        self,
        plan: Plan,
        folder: RunFolder,
        place: RunPlace,
        observers: Sequence[Observer],
        control: RunControl | None,
        recorded: asyncio.Event,
    ) -> RunOutcome:
        """Sets ``recorded`` when the run is over and only its judgement is missing."""
        watching = Observers(folder.run_id, observers)
        try:
            ending = await self._record(plan, folder, watching, control, recorded)
        finally:
            problems = await watching.close()
        outcome = await self._outcome(plan.scenario.scenario, folder, place, ending)
        return replace(outcome, observer_problems=problems)

    async def _record(
        self,
        plan: Plan,
        folder: RunFolder,
        observers: Observers,
        control: RunControl | None,
        recorded: asyncio.Event,
    ) -> Ending:
        if self._watchdog is None:
            raise RuntimeError("a RunService runs plans only inside `async with`")
        hidden: tuple[str, ...] = ()
        kept: str | None = None
        try:
            hidden = await self.find_secrets(plan)
            kept = keep_inputs(plan, folder, hidden)
            opened = self._backend.open_ports(plan, folder, self._watchdog, observers, self._clock)
            async with opened as ports:
                try:
                    await Runner(plan, replace(ports, control=control)).run()
                finally:
                    recorded.set()
        except GamedayError as error:
            why = redact(str(error), hidden)
            return Ending(error.exit_code, why, () if isinstance(error, Interrupted) else (why,), kept)
        except Exception as error:  # it becomes an exit code here, or it would end the runs beside it too
            messages = (redact(traceback.format_exc(), hidden), A_DEFECT)
            return Ending(ExitCode.HARNESS, f"{type(error).__name__}: {A_DEFECT}", messages, kept)
        return Ending(plan=kept)

    async def _outcome(self, name: str, folder: RunFolder, place: RunPlace, ending: Ending) -> RunOutcome:
        failed = ending.failed or ExitCode.HARNESS
        try:
            place.check()
        except EnvironmentProblem as error:
            said = tuple(dict.fromkeys((*ending.messages, str(error))))
            return RunOutcome.nothing(name, worst_exit([failed, error.exit_code]), said[0], said)
        if _discard_unless_begun(folder, place):
            why = ending.why or "its journal is missing or empty"
            return RunOutcome.nothing(name, failed, why, ending.messages or (why,))
        return await self._debrief(name, folder, ending)

    async def _debrief(self, name: str, folder: RunFolder, ending: Ending) -> RunOutcome:
        # In a thread: a run beside would record that its event loop lagged, which counts as a busy machine.
        async with self._judging:
            return await asyncio.to_thread(debrief, name, folder, ending, self._signer, self._clock)


def _discard_unless_begun(folder: RunFolder, place: RunPlace) -> bool:
    """Remove the folder of a run that never wrote into its journal: it did nothing that can be judged.

    A folder that is not the one that was made is left alone.
    """
    if is_file(folder.journal) and folder.journal.stat().st_size > 0:
        return False
    with suppress(EnvironmentProblem):
        place.check()
        shutil.rmtree(folder.path, ignore_errors=True)
    return True


def keep_inputs(plan: Plan, folder: RunFolder, hidden: tuple[str, ...]) -> str:
    """Write scenario.yaml and plan.json; the content of the latter. Raises ``EnvironmentProblem``."""
    file = Path(plan.source.file)
    try:
        text = read_utf8(file)
    except (OSError, UnicodeDecodeError) as error:
        raise EnvironmentProblem(
            f"cannot read the scenario {file} again: {error}", "do not change it while it runs"
        ) from error
    write_file(folder.scenario, redact(text, hidden))
    stored = stored_plan(plan, hidden)
    write_file(folder.plan, stored)
    return stored
