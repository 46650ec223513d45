"""``host``: plays a game day with live pages for its people, and writes the debrief."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from chaos.app.command_context import CommandContext
from chaos.app.gamedays.alarm import StackAlarm
from chaos.app.gamedays.debrief import (
    SOURCE,
    DaySource,
    FolderDebriefs,
    debriefs_of,
    refuse_other_file,
    source_of,
    write_debrief,
)
from chaos.app.gamedays.runs import ServiceRuns
from chaos.app.gamedays.secrets import hiding_of_day
from chaos.app.run_service import RunService
from chaos.app.signals import run_until_signal
from chaos.console.access import Access, Secrets, keep_secrets
from chaos.console.connections import BoundedConnection
from chaos.console.director import DayPlan, Director
from chaos.console.drafts import plain_drafts
from chaos.console.server import Console
from chaos.console.streams import Hub
from chaos.errors import BadInput, EnvironmentProblem, ExitCode, GamedayError, Problem, worst_exit
from chaos.files import is_file, make_folder, write_file
from chaos.gameday.around import RecordingExcerpt
from chaos.gameday.debrief import Debrief
from chaos.gameday.events import Event
from chaos.gameday.journal import FILE_NAME, DayJournal, read_journal
from chaos.gameday.load import LoadedDay, SecretPlan, draw, load_game_day
from chaos.gameday.machine_events import DayDrawn
from chaos.gameday.people_events import Revealed
from chaos.redaction import redact
from chaos.timing import stamp_of

LOOPBACK = "127.0.0.1"
COPY = "gameday.yaml"  # a copy of the game-day file, without secrets
DAYS = "gamedays"  # folder of the days below the reports folder
_GRACE = 2  # seconds for open answers when the server ends
_MOST_SEED = 2**31


@dataclass(frozen=True)
class HostedDay:
    """A day that is open: its folder, its journal, and its debriefs."""

    folder: Path
    loaded: LoadedDay
    journal: DayJournal
    debriefs: FolderDebriefs
    access: Secrets


def run_host(arguments: Namespace, context: CommandContext) -> ExitCode:
    """Host the day until it is interrupted. ``--resume`` continues a day that was hosted before."""
    reports: Path = context.cwd / arguments.reports
    with listening_socket(arguments.port) as listening:
        hosting = _open(arguments, context, reports)
        with hosting.journal:
            return run_until_signal(_host(hosting, arguments.seed, context, reports, listening), context)


def listening_socket(port: int) -> socket.socket:
    """A socket of the loopback, open before anything is started: whoever reads its address may connect, and
    is answered once the server runs. Raises ``EnvironmentProblem``.
    """
    listening = socket.socket()
    try:
        listening.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # a restart must not wait for old peers
        listening.bind((LOOPBACK, port))
        listening.listen()
    except (OSError, OverflowError) as error:
        listening.close()
        fix = "name another port with --port; 0 takes any free port"
        raise EnvironmentProblem(f"cannot open port {port} of {LOOPBACK}: {error}", fix) from error
    return listening


def _open(arguments: Namespace, context: CommandContext, reports: Path) -> HostedDay:
    if (arguments.file is None) == (arguments.resume is None):
        problem = Problem.about("gameday host", "name a game-day file, or a folder with --resume", "--help")
        raise BadInput([problem])
    if arguments.resume is not None and arguments.stack is not None:
        message = "a resumed day keeps its stack"
        raise BadInput([Problem.about("gameday host", message, "leave out --stack")])
    if arguments.resume is not None:
        folder = context.cwd / arguments.resume
        source = source_of(folder, str(arguments.resume))
        loaded = load_game_day(source.file, arguments.pace, source.stack)
        if is_file(folder / FILE_NAME):
            refuse_other_file(read_journal(folder / FILE_NAME), loaded)
    else:
        given = DaySource(Path(arguments.file), arguments.stack)
        loaded = load_game_day(given.file, arguments.pace, given.stack)
        stamp = stamp_of(context.clock.wall())
        name = f"{stamp}-{loaded.day.gameday}-{secrets.token_hex(3)}"
        folder = make_folder(reports / DAYS / name, mode=0o700)
        write_file(folder / SOURCE, given.text)
    kept = keep_secrets(folder, loaded.day.roles)
    return HostedDay(folder, loaded, DayJournal(folder / FILE_NAME), debriefs_of(loaded, reports), kept)


async def _host(
    hosting: HostedDay, seed: int | None, context: CommandContext, reports: Path, listening: socket.socket
) -> ExitCode:
    hub = Hub()
    async with RunService(reports) as service:
        runs = ServiceRuns(service, hosting.loaded, context.clock)
        hide = await hiding_of_day(
            runs.plans(), service.find_secrets, hosting.access, hosting.debriefs.runbooks
        )
        write_file(hosting.folder / COPY, redact(hosting.loaded.text, hide.secrets))
        alarm = StackAlarm(runs.plan(0), reports, context)
        director = Director(_plan(hosting, seed), hosting.journal, runs, alarm, context.clock, hide)
        hosting.journal.listen(hub.wake)
        revealed = asyncio.Event()

        def on_reveal(event: Event) -> None:
            if isinstance(event, Revealed):
                revealed.set()

        hosting.journal.listen(on_reveal)
        access = Access(hosting.access, hosting.loaded.day.observers_see_all)
        console = Console(director, access, hub, plain_drafts, _Live(hosting.debriefs, director))
        server = _server(console)
        conducting = asyncio.create_task(director.conduct())
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        drawing = asyncio.create_task(_draw_when(revealed, hosting, director, context))
        try:
            _say_addresses(listening.getsockname()[1], hosting, context)
            done, _ = await asyncio.wait({serving, conducting}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()  # an error of either ends the day
        except asyncio.CancelledError:
            if not runs.outcomes and director.state.last_begun is None:
                raise
        finally:
            conducting.cancel()
            drawing.cancel()
            hub.close()
            await asyncio.shield(director.finish("the server of the game day ends"))
            server.should_exit = True
            await asyncio.wait([serving], timeout=2 * _GRACE)
    return _ended(hosting, director, runs, context)


@dataclass
class _Live:
    """The debrief of a day that is open, from its journal in memory."""

    source: FolderDebriefs
    director: Director

    def debrief(self) -> Debrief:
        self.source.events = self.director.journal.events
        return self.source.debrief()

    def around(self, slot: int, at: float) -> RecordingExcerpt:
        self.source.events = self.director.journal.events
        return self.source.around(slot, at)


def _plan(hosting: HostedDay, seed: int | None) -> DayPlan:
    """The plan, with the draw of a day that had started, or with a new draw."""
    loaded = hosting.loaded
    before = next((one for one in hosting.journal.events if isinstance(one, DayDrawn)), None)
    if before is not None:
        drawn = SecretPlan(before.seed, before.order, before.delays)
    else:
        chosen = seed if seed is not None else loaded.day.seed
        drawn = draw(loaded.day, secrets.randbelow(_MOST_SEED) if chosen is None else chosen)
    source = hosting.debriefs
    return DayPlan(loaded.day, loaded.policy, source.titles, drawn, source.runbooks, loaded.rota)


class _Server(uvicorn.Server):
    """Leaves signals to gameday, which undoes everything first."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(console: Console) -> _Server:
    app = console.app((LOOPBACK, "localhost"))
    config = uvicorn.Config(
        app,
        http=BoundedConnection,
        access_log=False,
        log_level="error",  # not a line for each request of nonsense
        timeout_graceful_shutdown=_GRACE,
        lifespan="off",
        server_header=False,
    )
    return _Server(config)


def _say_addresses(port: int, hosting: HostedDay, context: CommandContext) -> None:
    """Print one address for each role."""
    context.say(f"DRILL: game day {hosting.loaded.day.title}, pace {hosting.loaded.day.pace:g}")
    context.say(f"folder: {context.shown(hosting.folder)}")
    context.say("Give each person the address for their role. The part after # is the secret token.")
    for role, token in hosting.access.tokens.items():
        context.say(f"  {role.value:<12} http://{LOOPBACK}:{port}/#t={token}")
    context.say("Ctrl-C ends the day: gameday undoes everything first, then writes the debrief.")


async def _draw_when(
    revealed: asyncio.Event, hosting: HostedDay, director: Director, context: CommandContext
) -> None:
    """Draw the debrief as soon as the plan is revealed."""
    await revealed.wait()
    hosting.debriefs.events = director.journal.events
    try:
        path = await asyncio.to_thread(write_debrief, hosting.folder, hosting.debriefs)
        context.say(f"debrief: {context.shown(path)}")
    except GamedayError as error:
        context.complain(f"gameday: debrief: {error}")


def _ended(hosting: HostedDay, director: Director, runs: ServiceRuns, context: CommandContext) -> ExitCode:
    """Write the debrief at the end of the day. The verdict of a run does not fail a day; leftovers do."""
    for outcome in runs.outcomes:
        for line in outcome.messages:
            context.complain(f"gameday: {outcome.scenario}: {line}")
    hosting.debriefs.events = director.journal.events
    if director.state.last_begun is not None:
        context.say(f"debrief: {context.shown(write_debrief(hosting.folder, hosting.debriefs))}")
    serious = (ExitCode.LEFT_DIRTY, ExitCode.HARNESS)
    codes = [outcome.code for outcome in runs.outcomes if outcome.code in serious]
    if not director.state.revealed:
        codes.append(ExitCode.INTERRUPTED)
    return worst_exit([*codes, ExitCode.PASS])
