"""Describes each event in one line of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chaos.gameday import machine_events as machine
from chaos.gameday import people_events as people
from chaos.gameday.events import Event


def describe(event: Event) -> str:
    """What happened, without author and time. Empty for events that need no line, such as readings."""
    made = _WORDS.get(type(event))
    if made is None:
        return ""
    words = getattr(event, "words", "")
    text = made(event)
    return f"{text}: {words}" if words and text else text or words


def _alert(event: Any) -> str:
    return f"alert {event.alert} {'fired' if event.firing else 'resolved'}"


def _health(event: Any) -> str:
    return f"{event.probe}: {'healthy' if event.ok else 'unhealthy'}" + (
        f" ({event.detail})" if event.detail and not event.ok else ""
    )


def _drill_alert(event: Any) -> str:
    where = f" in {', '.join(event.channels)}" if event.channels else ""
    why = f" ({event.detail})" if event.detail else ""
    return f"the DRILL test alert: {event.state.value}{where}{why}"


def _correction(event: Any) -> str:
    return "an event was withdrawn" if event.void else "an event was corrected"


_WORDS: dict[type, Callable[[Any], str]] = {
    machine.ServerStarted: lambda e: "the server restarted",
    machine.DrillAlertReported: _drill_alert,
    machine.SlotStarted: lambda e: "the scenario started" + (f" ({e.title})" if e.title else ""),
    machine.TimelineBegan: lambda e: "steady state reached, the timeline begins",
    machine.FaultChanged: lambda e: f"fault {e.fault} {e.state.value}",
    machine.AlertNotified: _alert,
    machine.HealthSeen: _health,
    machine.RunReported: lambda e: e.text,
    machine.SlotEnded: lambda e: "the scenario is over",
    machine.SlotJudged: lambda e: f"the run ended: {e.outcome or 'not judged'}",
    people.Joined: lambda e: "joined",
    people.Heard: lambda e: "received the test page",
    people.DrillAlertAsked: lambda e: "asked for the DRILL test alert",
    people.Predicted: lambda e: f"predicted {e.alert or 'no alert'}",
    people.Noticed: lambda e: f"noticed ({e.how.value})",
    people.Acknowledged: lambda e: f"acknowledged {e.alert}".rstrip(),
    people.Declared: lambda e: f"declared {e.severity.value}",
    people.DutyTaken: lambda e: f"{e.person} took over as {e.duty.value}",
    people.Escalated: lambda e: f"escalated to {e.to}",
    people.Answered: lambda e: "the escalation was answered",
    people.StepTicked: lambda e: f"step {e.step} of {e.runbook} ({e.title}) {e.result.value}",
    people.Decided: lambda e: f"decided {e.choice}" + (f" instead of {e.options}" if e.options else ""),
    people.Stuck: lambda e: f"stuck, {e.missing.value} is missing",
    people.Unstuck: lambda e: "no longer stuck",
    people.Mitigated: lambda e: "mitigated",
    people.Resolved: lambda e: "resolved",
    people.MessageSent: lambda e: f"sent {e.template.replace('_', ' ')} to {e.channel}",
    people.NoteAdded: lambda e: "private note" if e.private else "note",
    people.InjectPlayed: lambda e: "hint" if e.hint else "card",
    people.InjectSkipped: lambda e: f"inject {e.index + 1} skipped",
    people.FaultAsked: lambda e: "asked for the next fault now",
    people.SlotAsked: lambda e: "started the next scenario",
    people.SlotClosed: lambda e: "closed the scenario",
    people.SlotSkipped: lambda e: "skipped the next scenario",
    people.Held: lambda e: "the exercise is on hold",
    people.Continued: lambda e: "the exercise continues",
    people.Aborted: lambda e: "STOP: the exercise is aborted",
    people.ExpectationJudged: lambda e: f"expectation {e.index + 1} {'met' if e.met else 'not met'}",
    people.Revealed: lambda e: "the plan is revealed",
    people.Corrected: _correction,
}
