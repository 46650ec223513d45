"""A game day in memory: events at instants that a test chooses, in seconds since its beginning."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chaos.gameday import machine_events as machine
from chaos.gameday import people_events as people
from chaos.gameday.event_base import DayEvent, Role
from chaos.gameday.events import EVENT, Event
from chaos.gameday.fold import DayState, fold
from chaos.gameday.journal import by_gameday, new_id
from chaos.gameday.machine_events import FaultState

BEGAN = 1_700_000_000.0
ROLE_OF = {
    "fay": Role.FACILITATOR,
    "cleo": Role.COMMANDER,
    "rob": Role.RESPONDER,
    "sam": Role.SCRIBE,
    "olga": Role.OBSERVER,
}


@dataclass
class ScriptedDay:
    """``machine`` and ``says`` append events; ``state`` folds them. ``slot`` is the scenario meant."""

    pace: float = 1.0
    slots: int = 1
    blind: bool = True
    slot: int | None = 0
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        opened = by_gameday(
            machine.DayOpened,
            BEGAN,
            "opened",
            gameday="toy-day",
            title="Day of the toys",
            pace=self.pace,
            slots=self.slots,
            blind=self.blind,
        )
        drawn = by_gameday(
            machine.DayDrawn,
            BEGAN,
            "drawn",
            seed=471108151234567,
            order=tuple(range(self.slots)),
            delays=(0.0,) * self.slots,
        )
        self.events += [opened, drawn]

    def machine(self, kind: type[DayEvent], at: float, **fields: object) -> Event:
        event = by_gameday(kind, BEGAN + at, new_id(), self.slot, **fields)
        self.events.append(event)
        return event

    def says(
        self, author: str, kind: type[DayEvent], at: float, entered: float | None = None, **fields: Any
    ) -> Event:
        event = entry(author, kind, at, self.slot, entered, **fields)
        self.events.append(event)
        return event

    def runs(self, broken: float = 60.0, alert: float = 180.0) -> None:
        """The scenario starts at 0, its fault comes at ``broken`` and an alert fires at ``alert``."""
        self.machine(machine.SlotStarted, 0)
        self.machine(machine.TimelineBegan, 0)
        self.fault(broken, FaultState.INJECTED)
        self.alert(alert)

    def fault(self, at: float, state: FaultState) -> None:
        self.machine(machine.FaultChanged, at, fault="container.kill cache", index=0, state=state)

    def alert(self, at: float, firing: bool = True, name: str = "CacheDown") -> None:
        self.machine(machine.AlertNotified, at, alert=name, firing=firing, runbook="07-cache")

    def state(self) -> DayState:
        return fold(self.events)

    def hold(self, start: float, end: float | None = None) -> None:
        self.says("fay", people.Held, start, words="coffee")
        if end is not None:
            self.says("fay", people.Continued, end)


def entry(
    author: str,
    kind: type[DayEvent],
    at: float,
    slot: int | None = 0,
    entered: float | None = None,
    key: str = "",
    **fields: object,
) -> Event:
    """What a person enters ``at`` seconds after the day began."""
    made = kind.model_validate(
        {
            "id": new_id(),
            "key": key or new_id(),
            "author": author,
            "role": ROLE_OF[author],
            "at": BEGAN + at,
            "entered": BEGAN + (at if entered is None else entered),
            "slot": slot,
            **fields,
        }
    )
    return EVENT.validate_python(made.model_dump(by_alias=True))
