"""The lobby's test alert: a stack is started without faults, and its Alertmanager sends a drill.

The alerts have a name of their own, so they say nothing about the scenarios of the day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from chaos.adapters.alertmanager import AlertmanagerClient
from chaos.adapters.deployment import Deployment
from chaos.alertmanager.config import Routing, read_routing
from chaos.alertmanager.fire_alarm import DRILL, AlarmDelivery, DrillAlert
from chaos.alertmanager.routing import receivers_at
from chaos.app.command_context import CommandContext
from chaos.app.fire_alarm import sound_alarm
from chaos.app.stacks.scratch_stack import scratch_stacks
from chaos.console.running import AlarmResult
from chaos.errors import GamedayError
from chaos.files import read_any_text
from chaos.gameday.machine_events import DrillAlertState
from chaos.model.plan import Plan
from chaos.model.rules import DetectionFacts
from chaos.model.stack import AlertmanagerFacts, SinkFacts

NAME = "GamedayTestAlert"


@dataclass(frozen=True)
class StackAlarm:
    """Sends the test alert through the stack of ``plan``, which is started for it and removed afterwards."""

    plan: Plan
    reports: Path
    context: CommandContext

    async def sound(self) -> AlarmResult:
        """Raises nothing but a cancellation: what went wrong is in the result."""
        facts = self.plan.stack.alertmanager
        if facts is None or facts.notifications is None or self.plan.detection is None:
            missing = f"stack {self.plan.stack.stack} has no alertmanager: with notifications:"
            return AlarmResult(DrillAlertState.UNKNOWN, detail=missing)
        try:
            return await self._sound(facts, facts.notifications, self.plan.detection)
        except GamedayError as error:
            return AlarmResult(DrillAlertState.UNKNOWN, detail=str(error))

    async def _sound(
        self, facts: AlertmanagerFacts, sink: SinkFacts, detection: DetectionFacts
    ) -> AlarmResult:
        file = Path(self.plan.stack_root) / facts.config
        routing = read_routing(read_any_text(file, facts.config), facts.config)
        now = datetime.fromtimestamp(self.context.clock.wall(), UTC)
        alarm = f"{self.context.clock.wall():.0f}"
        alerts = alerts_of_test(routing, detection, alarm, now)
        async with (
            scratch_stacks(self.context.env, self.reports) as stacks,
            stacks.deployed(self.plan, "test-alert") as scratch,
        ):
            await scratch.deployment.stack.up(self.plan.stack.start_within)
            client = _client(scratch.deployment, facts, sink)
            began = self.context.clock.mono()
            arrived = await sound_alarm(client, routing, alerts, alarm, self.context)
            return result_of(arrived, self.context.clock.mono() - began)


def alerts_of_test(
    routing: Routing, detection: DetectionFacts, alarm: str, instant: datetime
) -> tuple[DrillAlert, ...]:
    """One for each severity of the rules, so that every channel that is open now has one."""
    found = []
    for severity in dict.fromkeys(rule.severity for rule in detection.rules if rule.severity):
        labels = {"alertname": NAME, "severity": severity, DRILL: alarm}
        receivers = receivers_at(routing, labels, instant)
        channels = dict.fromkeys(c for name in receivers for c in routing.channels.get(name, ()))
        if channels:
            found.append(DrillAlert(labels, {DRILL: "DRILL. Test of the game day."}, tuple(channels)))
    return tuple(found)


def result_of(arrived: tuple[AlarmDelivery, ...], seconds: float) -> AlarmResult:
    """What the lobby shows. ``seconds``: how long it took until the last message was read."""
    channels = tuple(sorted({name for one in arrived for name in one.channels}))
    problems = [f"{one.alert.severity}: {one.problem}" for one in arrived if one.problem]
    if not arrived:
        return AlarmResult(DrillAlertState.UNKNOWN, detail="no route sends an alert at this hour")
    state = DrillAlertState.MISSING if problems else DrillAlertState.ARRIVED
    return AlarmResult(state, channels, round(seconds, 1), "; ".join(problems))


def _client(deployment: Deployment, facts: AlertmanagerFacts, sink: SinkFacts) -> AlertmanagerClient:
    address = deployment.addresses.of_service
    return AlertmanagerClient(address(facts.service, facts.port), address(sink.service, sink.port), sink.path)
