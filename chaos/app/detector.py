"""``detect``: reads Prometheus once, or again and again, and keeps the incidents that its alerts show."""

from __future__ import annotations

import asyncio
import signal
from argparse import Namespace
from contextlib import suppress

from chaos.adapters.alert_history import AlertHistory
from chaos.app.command_context import CommandContext
from chaos.app.drills.incidents import keep_drills
from chaos.app.incident_list import incident_line, open_lines
from chaos.app.stored_runs.seals import any_altered
from chaos.errors import BadInput, ExitCode, Problem, ToolProblem
from chaos.incidents import FILE_NAME, Incidents, advance, open_incidents
from chaos.journal import load_recording
from chaos.local_target import local_target


def run_detect(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Once: read, list what is open. With ``--interval``: until a signal; Prometheus may come and go.

    With ``--run``: the alerts of stored runs, kept as drills; exit code 2, and none is kept, if a run folder
    was changed since it was sealed.
    Raises ``BadInput`` for an address that is not this machine's, and ``ToolProblem`` where Prometheus does
    not answer the only reading.
    """
    path = context.cwd / arguments.reports / FILE_NAME
    if arguments.run:
        folders = [context.cwd / folder for folder in arguments.run]
        if any_altered(folders, context, unsealed=arguments.unsealed):
            return ExitCode.INCONCLUSIVE
        recordings = [load_recording(folder) for folder in folders]
        with open_incidents(path) as incidents:
            return keep_drills(recordings, incidents, context)
    _local(arguments.prometheus)
    with open_incidents(path) as incidents:
        detector = Detector(incidents, arguments.source or arguments.prometheus, arguments.lookback, context)
        asyncio.run(_watch(detector, arguments.prometheus, arguments.interval))
    return ExitCode.PASS


class Detector:
    """Readings of one Prometheus, folded into the stored incidents."""

    def __init__(self, incidents: Incidents, source: str, lookback: float, context: CommandContext) -> None:
        self._incidents = incidents
        self._source = source
        self._lookback = lookback
        self._context = context
        self._silent = False

    async def read(self, reader: AlertHistory) -> None:
        """Everything that Prometheus holds and that was not read yet."""
        while True:
            watch = self._incidents.watch(self._source)
            reading = await reader.read(watch.read_to, self._lookback)
            step = advance(watch, reading)
            opened = self._incidents.apply(watch, step)
            if opened is None:
                continue  # another detector has read on meanwhile, so this one begins where that one is
            numbers = {(one.alert, one.fired): one.number for one in opened}
            for incident in opened:
                self._context.say(f"opened    {incident_line(incident)}")
            for incident in step.resolved:
                number = numbers.get((incident.alert, incident.fired), incident.number)
                self._context.say(
                    f"resolved  {incident_line(incident.model_copy(update={'number': number}))}"
                )
            if reading.caught_up:
                return

    async def read_if_it_answers(self, reader: AlertHistory) -> None:
        """The same; while Prometheus does not answer, nothing is opened or resolved, which is said once."""
        try:
            await self.read(reader)
        except ToolProblem as problem:
            if not self._silent:
                self._context.complain(
                    f"gameday: {problem}\nno incident opens or is resolved until Prometheus answers again"
                )
            self._silent = True
            return
        if self._silent:
            self._context.complain("gameday: Prometheus answers again; gameday read its data from the gap")
        self._silent = False

    def list_open(self) -> None:
        for line in open_lines(self._incidents.watch(self._source).open):
            self._context.say(line)

    async def pause(self, seconds: float) -> None:
        await self._context.clock.sleep(seconds)


async def _watch(detector: Detector, address: str, interval: float | None) -> None:
    async with AlertHistory(address) as reader:
        if interval is None:
            await detector.read(reader)
            detector.list_open()
            return
        endless = asyncio.ensure_future(_again_and_again(detector, reader, interval))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, endless.cancel)
        with suppress(asyncio.CancelledError):  # every reading is one transaction: there is nothing to undo
            await endless


async def _again_and_again(detector: Detector, reader: AlertHistory, interval: float) -> None:
    while True:
        await detector.read_if_it_answers(reader)
        await detector.pause(interval)


def _local(address: str) -> None:
    try:
        local_target(address)
    except BadInput:
        message = (
            f"expected http://127.0.0.1:PORT, the address of a Prometheus on this machine, got {address!r}"
        )
        raise BadInput([Problem.about("--prometheus", message)]) from None
