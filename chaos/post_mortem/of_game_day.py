"""The post-mortem of a game day, which is an exercise: what people did, and what the machine recorded. Pure.

It names roles, not people: in every text the name of a participant is replaced by the role.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chaos.gameday.debrief import Debrief, EventMark, SlotDebrief
from chaos.gameday.machine_events import FaultState
from chaos.gameday.people_events import Noticed
from chaos.gameday.requirements import Area, not_met, requirements_of
from chaos.gameday.response_score import PartName
from chaos.model.scenario import Severity
from chaos.post_mortem.model import Action, PostMortem, PostMortemFigure, TimelineEntry
from chaos.post_mortem.of_run import actions_of, cause_of, detection_of, impact_of, recovery_of
from chaos.report import human
from chaos.report.view import ReportView


@dataclass(frozen=True)
class PlayedScenario:
    """One scenario of the day. ``view``: the recording of its run; None if there is no run folder."""

    scenario: str
    slot: SlotDebrief
    view: ReportView | None

    @property
    def label(self) -> str:
        return f"{self.slot.number}. {self.slot.title}"


def of_game_day(debrief: Debrief, played: Sequence[PlayedScenario], planned: int, folder: str) -> PostMortem:
    """``planned``: how many scenarios the game-day file lists. ``folder``: name of the day's folder."""
    roles = {name: role for name, role in debrief.people if name != role}
    plain = _without(roles)
    faults = [one.slot.slot.broken for one in played if one.slot.slot.broken is not None]
    return PostMortem(
        record=f"game day {folder}",
        title=debrief.title,
        drill=True,
        people=True,
        severity=str(
            min((Severity(one.slot.deserved) for one in played), key=list(Severity).index, default="")
        ),
        began=min(faults, default=debrief.began),
        ended=debrief.ended,
        summary=tuple(map(plain, _summary(debrief, played, planned, folder))),
        timeline=tuple(
            sorted(
                (_entry(mark, roles, plain) for one in played for mark in one.slot.marks if not mark.void),
                key=lambda entry: entry.at,
            )
        ),
        impact=tuple(figure for one in played for figure in _labelled(one, _impact(one))),
        detection=tuple(figure for one in played for figure in _labelled(one, _detection(one, roles))),
        cause=tuple(plain(line) for one in played for line in _cause(one)),
        factors=tuple(plain(line) for one in played for line in _factors(one)),
        recovery=tuple(figure for one in played for figure in _labelled(one, _recovery(one))),
        actions=tuple(action for one in played for action in _actions(one, plain)),
        worked=tuple(plain(line) for one in played for line in _worked(one)),
        improve=tuple(f"the exercise itself: {plain(line)}" for line in debrief.observations),
        retest=tuple(dict.fromkeys(one.scenario for one in played)),
    )


def _without(roles: Mapping[str, str]) -> Callable[[str], str]:
    """Replaces the name of each person with the role, the longest name first."""
    if not roles:
        return str
    names = "|".join(re.escape(name) for name in sorted(roles, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?:{names})(?!\w)")
    return lambda text: pattern.sub(lambda found: f"the {roles[found.group()]}", text)


def _summary(debrief: Debrief, played: Sequence[PlayedScenario], planned: int, folder: str) -> Iterator[str]:
    yield f"An exercise: the game day {debrief.gameday}. {len(played)} of {planned} scenarios were played."
    if debrief.aborted:
        yield "The facilitator aborted it, and gameday undid everything."
    total = human.NOT_ENOUGH_DATA if debrief.total is None else f"{human.points(debrief.total)} of 100"
    yield f"The response: {total}. It is a number of the exercise, not of a person."
    for one in played:
        judged = one.slot.slot.judged
        said = (
            "its run was not judged" if judged is None or not judged.outcome else f"verdict {judged.outcome}"
        )
        own = one.slot.score.total
        response = human.NOT_ENOUGH_DATA if own is None else f"{human.points(own)} of 100"
        yield f"{one.label} ({one.scenario}): {said}; response {response}."
    yield f"Pace {human.pace(debrief.pace)}. Minutes of the response are production time."
    yield f"The record is the folder {folder}; its debrief.html shows people and machine on one axis."


def _entry(mark: EventMark, roles: Mapping[str, str], plain: Callable[[str], str]) -> TimelineEntry:
    before = f" (before the correction: {mark.before})" if mark.before else ""
    who = "gameday" if mark.machine else roles.get(mark.who, mark.who)
    return TimelineEntry(
        at=mark.at, what=plain(mark.text + before), evidence=f"journal.jsonl, event {mark.id}", who=who
    )


def _labelled(one: PlayedScenario, figures: Iterable[PostMortemFigure]) -> Iterator[PostMortemFigure]:
    return (PostMortemFigure(name=f"{one.label}: {figure.name}", value=figure.value) for figure in figures)


def _impact(one: PlayedScenario) -> Iterator[PostMortemFigure]:
    errors, latency = one.slot.facts.errors, one.slot.facts.latency
    yield PostMortemFigure(
        name="largest share of requests that were not served",
        value=human.NOT_ENOUGH_DATA if errors is None else f"{100 * errors:.3g} %",
    )
    yield PostMortemFigure(
        name="largest 95th percentile of latency",
        value=human.NOT_ENOUGH_DATA if latency is None else human.duration(latency),
    )
    if one.view is None:
        yield PostMortemFigure(
            name="data and promises", value=f"{human.NOT_ENOUGH_DATA}: the scenario left no run folder"
        )
    else:
        yield from impact_of(one.view, brief=True)


def _detection(one: PlayedScenario, roles: Mapping[str, str]) -> Iterator[PostMortemFigure]:
    """When the machine detected the fault, then when people did."""
    facts, slot = one.slot.facts, one.slot.slot
    after = "" if facts.minutes is None else f", {facts.minutes:.1f} min after the fault"
    yield PostMortemFigure(
        name="machine: first alert", value=f"{facts.alert}{after}" if facts.alert else "no alert fired"
    )
    first = min(
        (each for each in (slot.noticed, slot.acknowledged) if each), key=lambda e: e.at, default=None
    )
    if first is None:
        yield PostMortemFigure(name="people: first sign", value="none was recorded")
    else:
        how = first.how.value
        verb = "noticed" if isinstance(first, Noticed) else "acknowledged"
        yield PostMortemFigure(
            name="people: first sign",
            value=f"{verb} by the {roles.get(first.author, first.role.value)} ({how})",
        )
    shown = (PartName.NOTICE, PartName.ACKNOWLEDGE, PartName.SEVERITY)
    for part in one.slot.score.parts:
        if part.name in shown:
            yield PostMortemFigure(name=part.name, value=part.detail)
    if one.view is not None:
        yield from detection_of(one.view, brief=True)


def _cause(one: PlayedScenario) -> Iterator[str]:
    names = dict.fromkeys(fault.fault for fault in one.slot.slot.faults if fault.state is FaultState.INJECTED)
    said = f"gameday injected on purpose: {', '.join(names)}" if names else "no fault was injected"
    yield f"{one.label}: {said}"
    if one.view is not None:
        yield from (f"{one.label}: {line}" for line in cause_of(one.view))


def _factors(one: PlayedScenario) -> Iterator[str]:
    for each in not_met(one.slot):
        where = "in the process" if each.area is Area.PROCESS else "in tools and information"
        yield f"{one.label}, {where}: {each.title}: {each.why}"
    if one.slot.score.hints:
        yield f"{one.label}: {human.count(one.slot.score.hints, 'hint')} given"


def _recovery(one: PlayedScenario) -> Iterator[PostMortemFigure]:
    for span in one.slot.phases:
        value = "not reached" if span.policy is None else human.duration(span.policy)
        yield PostMortemFigure(name=f"phase {span.name}, {span.what}", value=value)
    done = (("mitigated", one.slot.slot.mitigated), ("resolved", one.slot.slot.resolved))
    for name, event in done:
        yield PostMortemFigure(name=name, value="not recorded" if event is None else human.instant(event.at))
    if one.view is not None:
        yield from recovery_of(one.view, brief=True)


def _actions(one: PlayedScenario, plain: Callable[[str], str]) -> Iterator[Action]:
    for each in not_met(one.slot):
        yield Action(what=plain(each.title), why=plain(each.why), retest=one.scenario)
    if one.view is not None:
        yield from actions_of(one.view)


def _worked(one: PlayedScenario) -> Iterator[str]:
    """What was met, in the order of the record, without the items about tools and information."""
    met = [each.title for each in requirements_of(one.slot) if each.met and each.area is Area.PROCESS]
    if met:
        yield f"{one.label}: " + "; ".join(met)
