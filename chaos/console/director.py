"""Runs a day: accepts entries of people, starts the runs of scenarios, and plays injects when they are due.

Its state comes from the journal only, so a restarted server continues where the journal ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from chaos.console.entries import ACTIONS, Refused, completed
from chaos.console.running import Alarm, RunFact, RunHandle, RunStarter, SlotResult
from chaos.errors import ExitCode
from chaos.gameday import machine_events as machine
from chaos.gameday import people_events as people
from chaos.gameday.event_base import DayEvent, Role
from chaos.gameday.events import EVENT, Event, freed
from chaos.gameday.fold import DayState
from chaos.gameday.injects import due_injects
from chaos.gameday.journal import DayJournal, by_gameday, new_id
from chaos.gameday.load import SecretPlan
from chaos.gameday.machine_events import DrillAlertState
from chaos.gameday.model import GameDay
from chaos.gameday.policy import Policy
from chaos.gameday.projections import Viewer
from chaos.gameday.projector import Projector
from chaos.gameday.rules import refusal, slot_of
from chaos.on_call import Rota
from chaos.redaction import Hiding
from chaos.timing import Clock

TICK = 0.25  # seconds between two checks for due actions
LONGEST_KEY = 100
NO_SECRETS = Hiding()


@dataclass(frozen=True)
class DayPlan:
    """Everything needed to host a day. ``runbooks``: name -> Markdown. ``rota``: who is on call, if known."""

    day: GameDay
    policy: Policy
    titles: tuple[str, ...]  # of the scenarios, as listed
    drawn: SecretPlan
    runbooks: Mapping[str, str]
    rota: Rota | None = None


class Director:
    """One day. Use it from the thread of the event loop only. ``hide`` removes secrets from every text before
    it is stored; pages and streams show the stored texts.
    """

    def __init__(
        self,
        plan: DayPlan,
        journal: DayJournal,
        runs: RunStarter,
        alarm: Alarm,
        clock: Clock,
        hide: Hiding = NO_SECRETS,
    ) -> None:
        self.plan = plan
        self.hide = hide
        self.journal = journal
        self.clock = clock
        self._runs = runs
        self._alarm = alarm
        self._sounding: asyncio.Task[None] | None = None
        self._handle: RunHandle | None = None
        self._waiting: asyncio.Task[None] | None = None
        self._projectors: dict[Viewer, Projector] = {}
        self._control = Viewer("gameday", Role.FACILITATOR)
        self._counter = 0
        self._open()

    def _open(self) -> None:
        """Write the first events of a new day, or record that the server of this day has restarted."""
        day, drawn = self.plan.day, self.plan.drawn
        if len(self.journal):
            self._write(machine.ServerStarted, new_id())
            if self.state.drill_alert_under_way:
                detail = "the server ended while it was under way"
                self._write(
                    machine.DrillAlertReported, new_id(), state=DrillAlertState.UNKNOWN, detail=detail
                )
            slot = self.state.current
            if slot is not None and self.state.slots[slot].judged is None:
                why = "the server ended while the scenario ran"
                result = SlotResult("", "", None, why, int(ExitCode.INTERRUPTED))
                self._judged(slot, result)
            return
        self._write(
            machine.DayOpened,
            "opened",
            gameday=day.gameday,
            title=day.title,
            pace=day.pace,
            slots=len(day.scenarios),
            blind=day.blind,
        )
        self._write(machine.DayDrawn, "drawn", seed=drawn.seed, order=drawn.order, delays=drawn.delays)

    @property
    def state(self) -> DayState:
        """The state of the day as the facilitator sees it, which is complete."""
        return self.seen_by(self._control).state()

    def seen_by(self, viewer: Viewer) -> Projector:
        """What ``viewer`` may see now."""
        projector = self._projectors.setdefault(viewer, Projector(viewer))
        projector.feed(self.journal.events)
        return projector

    def enter(self, viewer: Viewer, action: str, key: str, fields: Mapping[str, object]) -> Event:
        """Store an entry of a participant. A repeated key returns the event that was stored first.

        Raises ``Refused`` if the entry is not possible now, is wrong, or uses the key of another action.
        """
        kind = ACTIONS.get(action)
        if kind is None:
            raise Refused(f"unknown action {action!r}")
        if not key or len(key) > LONGEST_KEY:
            raise Refused("the request has no key")
        key = self.hide(key)
        earlier = self.journal.find(viewer.name, key)
        if earlier is not None:
            if earlier.event != action:
                raise Refused("another entry was made with this key: load the page again")
            return earlier
        state, now = self.state, self.clock.wall()
        slot = slot_of(kind, state)
        body = {
            **completed(kind, fields, slot, state, self.plan.day),
            "id": new_id(),
            "key": key,
            "author": viewer.name,
            "role": viewer.role,
            "at": now,
            "entered": now,
            "slot": slot,
            "event": action,
        }
        try:
            event = freed(EVENT.validate_python(body), self.hide)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise Refused(f"{first['loc'][-1]}: {first['msg']}") from None
        why = refusal(event, state, self.plan.day)
        if why:
            raise Refused(why)
        self.journal.append(event)
        self._act_on(event)
        return event

    def _act_on(self, event: Event) -> None:
        if isinstance(event, people.SlotAsked) and event.slot is not None:
            self._start(event.slot)
        elif isinstance(event, people.DrillAlertAsked):
            self._sounding = asyncio.create_task(self._sound())
        elif self._handle is None:
            return
        elif isinstance(event, people.Held):
            self._handle.hold(event.words, event.author)
        elif isinstance(event, people.Continued):
            self._handle.resume(event.author)
        elif isinstance(event, people.FaultAsked):
            self._handle.inject_now(event.author)
        elif isinstance(event, people.Aborted):
            self._handle.abort(event.words or "the facilitator stopped the exercise", event.author)

    async def _sound(self) -> None:
        result = await self._alarm.sound()
        self._write(machine.DrillAlertReported, new_id(), **vars(result))

    def _start(self, slot: int) -> None:
        """Start the run of a scenario. Other threads report its facts."""
        state = self.state
        scenario = state.order[slot]
        title = "" if self.plan.day.blind else self.plan.titles[scenario]
        self._write(machine.SlotStarted, f"started-{slot}", slot, title=title)
        loop = asyncio.get_running_loop()

        def emit(fact: RunFact) -> None:
            loop.call_soon_threadsafe(self._hear, slot, fact)

        self._handle = self._runs.start(scenario, state.delays[scenario], emit)
        if state.clock.held:
            self._handle.hold("the day is held", "gameday")
        self._waiting = asyncio.create_task(self._wait(slot, self._handle))

    async def _wait(self, slot: int, handle: RunHandle) -> None:
        result = await handle.wait()
        self._handle = None
        self._judged(slot, result)
        self.tick()

    def _judged(self, slot: int, result: SlotResult) -> None:
        self._write(machine.SlotJudged, f"judged-{slot}", slot, **vars(result))

    def _hear(self, slot: int, fact: RunFact) -> None:
        if fact.kind is people.Continued and not self.state.clock.held:
            return
        self._counter += 1
        self._write(fact.kind, new_id(), slot, at=fact.at, **fact.fields)

    def tick(self) -> None:
        """Play the injects that are due, and end the scenario when it is over."""
        state, now = self.state, self.clock.wall()
        position = state.current
        if position is None:
            return
        slot = state.slots[position]
        planned = self.plan.day.scenarios[state.order[position]]
        if not state.aborted:
            for index in due_injects(slot, planned.injects, state.clock, now):
                inject = planned.injects[index]
                self._write(
                    people.InjectPlayed,
                    f"inject-{position}-{index}",
                    position,
                    index=index,
                    hint=inject.hint is not None,
                    to=inject.to,
                    words=inject.text,
                )
        if slot.judged is None:
            return
        began = slot.zero or slot.started or now
        stopped = slot.judged.exit_code == ExitCode.INTERRUPTED or state.aborted
        over = slot.resolved is not None or slot.closed or stopped
        if over or state.clock.policy(began, now) >= planned.length:
            self._write(machine.SlotEnded, f"ended-{position}", position)

    async def conduct(self) -> None:
        """Call ``tick`` every ``TICK`` seconds until cancelled."""
        while True:
            self.tick()
            await self.clock.sleep(TICK)

    async def finish(self, why: str) -> None:
        """End a test alert and a run that are under way, and wait until everything is undone."""
        if self._sounding is not None:
            self._sounding.cancel()
            await asyncio.wait([self._sounding])
        if self._handle is not None:
            self._handle.abort(why, "gameday")
        if self._waiting is not None:
            await self._waiting

    def _write(self, kind: type[DayEvent], key: str, slot: int | None = None, **fields: object) -> None:
        at = fields.pop("at", None)
        now = self.clock.wall()
        event = by_gameday(kind, now if at is None else float(str(at)), key, slot, **fields)
        self.journal.append(freed(event, self.hide))
