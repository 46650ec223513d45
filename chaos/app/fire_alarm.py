"""``fire-alarm``: every alert is sent through the real routing without a fault, marked as a drill."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from chaos.adapters.alertmanager import AlertmanagerClient
from chaos.alertmanager.config import Routing, read_routing
from chaos.alertmanager.fire_alarm import (
    AlarmDelivery,
    DrillAlert,
    drill_alerts,
    judge_alarm,
    longest_wait,
    missing,
    waves,
)
from chaos.app.command_context import CommandContext
from chaos.app.signals import run_until_signal
from chaos.cancellation import uninterrupted
from chaos.columns import columns
from chaos.errors import BadInput, ExitCode, Problem
from chaos.files import read_any_text
from chaos.local_target import local_target
from chaos.scenario import find_stack, load_stack, read_detection

LOOK_EVERY = 0.5  # seconds between two looks at what has arrived
PATIENCE = 10.0  # seconds beyond the waiting time of the routes
LATE_MESSAGES = 2.0  # seconds for a message too many, after the last that is awaited
FIRES_FOR = timedelta(minutes=10)


def run_fire_alarm(arguments: Namespace, context: CommandContext) -> ExitCode:
    """A line for each alert. FAIL if one did not arrive once in each of its channels, or in another.

    Raises ``BadInput`` for a stack without Alertmanager and addresses that are not this machine's, and
    ``ToolProblem`` where one of them does not answer.
    """
    path = find_stack(arguments.stack, context.cwd)
    for address in (arguments.alertmanager, arguments.notifications):
        local_target(address)
    loaded = load_stack(path, context.shown(path))
    facts, detection = loaded.stack.alertmanager, read_detection(loaded.stack, loaded.root)
    if facts is None or facts.notifications is None or detection is None:
        message = "the fire alarm needs prometheus:, and alertmanager: with notifications:"
        raise BadInput([Problem.about(context.shown(path), message, "add them to stack.yaml")])
    file = loaded.root / facts.config
    routing = read_routing(read_any_text(file, context.shown(file)), context.shown(file))
    alarm = f"{context.clock.wall():.0f}"
    alerts = drill_alerts(routing, detection, alarm, datetime.fromtimestamp(context.clock.wall(), UTC))
    client = AlertmanagerClient(arguments.alertmanager, arguments.notifications, facts.notifications.path)
    arrived = run_until_signal(sound_alarm(client, routing, alerts, alarm, context), context)
    for line in _lines(arrived):
        context.say(line)
    return ExitCode.FAIL if any(one.problem for one in arrived) else ExitCode.PASS


async def sound_alarm(
    client: AlertmanagerClient,
    routing: Routing,
    alerts: Sequence[DrillAlert],
    alarm: str,
    context: CommandContext,
) -> tuple[AlarmDelivery, ...]:
    """Send the waves, each once the one before has arrived and is resolved. Whatever ends it, no alert of it
    fires afterwards.
    """
    async with client:
        for wave in waves(routing, alerts):
            began = datetime.fromtimestamp(context.clock.wall(), UTC)
            try:
                await client.send(wave, began, began + FIRES_FOR)
                until = context.clock.mono() + longest_wait(routing, wave) + PATIENCE
                while context.clock.mono() < until:
                    if not missing(wave, (await client.listing()).notifications, alarm):
                        break
                    await context.clock.sleep(LOOK_EVERY)
            finally:  # also if it is interrupted: the alerts would fire on and page people
                ended = datetime.fromtimestamp(context.clock.wall(), UTC)
                await uninterrupted(client.send(wave, began, ended))
        await context.clock.sleep(LATE_MESSAGES)
        return judge_alarm(alerts, (await client.listing()).notifications, alarm)


def _lines(arrived: Sequence[AlarmDelivery]) -> list[str]:
    rows = [
        (
            one.alert.name,
            one.alert.severity,
            ", ".join(one.alert.channels) or "held until its route is active",
            one.problem or "ok",
        )
        for one in arrived
    ]
    wrong = sum(bool(one.problem) for one in arrived)
    return [*columns(rows), f"{len(arrived)} alerts, {wrong} of them wrong"]
