"""A console without an engine: runs that a test lets happen, a day of two scenarios, a clock by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from chaos.console.access import Access, Secrets
from chaos.console.director import NO_SECRETS, DayPlan, Director
from chaos.console.drafts import plain_drafts
from chaos.console.running import AlarmResult, RunFact, SlotResult
from chaos.console.server import Console
from chaos.console.streams import Hub
from chaos.gameday import machine_events as machine
from chaos.gameday.around import RecordingExcerpt
from chaos.gameday.debrief import Debrief, debrief
from chaos.gameday.event_base import PEOPLE, DayEvent, Role
from chaos.gameday.journal import FILE_NAME, DayJournal
from chaos.gameday.load import SecretPlan
from chaos.gameday.machine_events import DrillAlertState
from chaos.gameday.model import GameDay
from chaos.gameday.policy import read_policy
from chaos.gameday.projections import Viewer
from chaos.redaction import Hiding
from chaos.timing import Clock

DAY = GameDay.model_validate(
    {
        "gameday": "toy-day",
        "title": "Day of the toys",
        "pace": 20,
        "blind": True,
        "rules": ["This is a drill."],
        "scenarios": [
            {
                "scenario": "secret-cache.yaml",
                "severity": "SEV2",
                "length": "30m",
                "escalate": {"after": "15m", "to": "secret-lead"},
                "injects": [
                    {"at": "4m", "card": "secret-call from a customer", "to": ["commander"]},
                    {"when": "not declared", "after": "8m", "hint": "secret-hint"},
                    {"at": "29m", "card": "secret-late", "to": ["scribe"]},
                ],
                "expectations": [{"what": "secret-expectation", "by": "15m"}],
            },
            {"scenario": "secret-queue.yaml", "severity": "SEV3", "length": "30m"},
        ],
    }
)
TITLES = ("secret-cache goes down", "secret-queue is full")
RUNBOOK = "# 07 Cache\n\n**Look at the cache.** Is it there?\n\n**Start the cache.** Start it.\n"
FAULT = "container.kill secret-cache"


@dataclass
class FakeRun:
    """A run that does what the test says. ``calls``: what the console asked of it."""

    scenario: int
    emit: Callable[[RunFact], None]
    clock: Clock
    calls: list[str] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    outcome: str = "PASS"

    def says(self, kind: type[DayEvent], **fields: object) -> None:
        self.emit(RunFact(kind, self.clock.wall(), fields))

    def breaks(self) -> None:
        """Steady state, then a fault that is proven."""
        self.says(machine.TimelineBegan)
        self.says(machine.HealthSeen, probe="GET /ready", ok=True)
        for state in ("injected", "proven"):
            self.says(machine.FaultChanged, fault=FAULT, index=0, state=state)
        self.says(machine.ClientsSeen, answered=50, error_rate=0.25, latency_p95=0.3)

    def alerts(self, firing: bool = True) -> None:
        self.says(
            machine.AlertNotified, alert="CacheDown", firing=firing, summary="No cache.", runbook="07-cache"
        )

    def ends(self, outcome: str = "PASS") -> None:
        self.says(machine.FaultChanged, fault=FAULT, index=0, state="undone")
        self.outcome = outcome
        self.over.set()

    def hold(self, reason: str, author: str) -> None:
        self.calls.append("hold")

    def resume(self, author: str) -> None:
        self.calls.append("resume")

    def inject_now(self, author: str) -> None:
        self.calls.append("inject_now")

    def abort(self, reason: str, author: str) -> None:
        self.calls.append("abort")
        self.ends("ABORTED")

    async def wait(self) -> SlotResult:
        await self.over.wait()
        aborted = self.outcome == "ABORTED"
        return SlotResult(self.outcome, "", None if aborted else 91.0, "", 130 if aborted else 0)


@dataclass
class FakeRuns:
    """Starts ``FakeRun``s. ``play``: is called with each, to let it do something by itself."""

    clock: Clock
    started: list[FakeRun] = field(default_factory=list)
    play: Callable[[FakeRun], None] = lambda run: None

    def start(self, scenario: int, delay: float, emit: Callable[[RunFact], None]) -> FakeRun:
        run = FakeRun(scenario, emit, self.clock)
        self.started.append(run)
        self.play(run)
        return run


@dataclass
class FakeAlarm:
    """A test alert that arrives when the test says so."""

    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def sound(self) -> AlarmResult:
        await self.heard.wait()
        return AlarmResult(DrillAlertState.ARRIVED, ("chat", "pager"), 4.0)


@dataclass
class FakeDebriefs:
    director: Director

    def debrief(self) -> Debrief:
        plan = self.director.plan
        return debrief(self.director.journal.events, plan.day, plan.policy, plan.titles, plan.runbooks)

    def around(self, slot: int, at: float) -> RecordingExcerpt:
        return RecordingExcerpt(at, faults=(f"{FAULT} was in place",))


def toy_plan(day: GameDay = DAY) -> DayPlan:
    drawn = SecretPlan(471108151234567, tuple(range(len(day.scenarios))), (0.0,) * len(day.scenarios))
    return DayPlan(day, read_policy(), TITLES, drawn, {"07-cache": RUNBOOK})


@dataclass
class Hosted:
    """A day with its console."""

    director: Director
    runs: FakeRuns
    console: Console
    kept: Secrets
    alarm: FakeAlarm

    @property
    def run(self) -> FakeRun:
        return self.runs.started[-1]

    def enter(self, name: str, role: Role, action: str, key: str = "", **fields: object) -> None:
        number = len(self.director.journal)
        self.director.enter(Viewer(name, role), action, key or f"k{number}", fields)


def hosted(
    folder: Path, clock: Clock, kept: Secrets | None = None, day: GameDay = DAY, hide: Hiding = NO_SECRETS
) -> Hosted:
    """Open (or open again) the day in ``folder``. The caller closes ``director.journal``."""
    folder.mkdir(exist_ok=True)
    runs = FakeRuns(clock)
    alarm = FakeAlarm()
    director = Director(toy_plan(day), DayJournal(folder / FILE_NAME), runs, alarm, clock, hide)
    hub = Hub()
    director.journal.listen(hub.wake)
    kept = kept or Secrets.new(PEOPLE)
    console = Console(director, Access(kept), hub, plain_drafts, FakeDebriefs(director))
    return Hosted(director, runs, console, kept, alarm)
