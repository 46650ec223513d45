"""``gameday preflight``: each stack is started once without faults, with proxies and without."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from chaos.adapters.connections import ConnectionReader
from chaos.adapters.overlay.compose_file import ProjectService
from chaos.app.command_context import CommandContext
from chaos.app.plans import plans_of
from chaos.app.signals import run_until_signal
from chaos.app.stacks.scratch_stack import ScratchStacks, scratch_stacks
from chaos.errors import ExitCode, worst_exit
from chaos.files import read_file, write_file
from chaos.model.links import CLIENTS
from chaos.model.plan import Plan
from chaos.model.project_files import STACK_FILE
from chaos.preflight import (
    ExaminedDeployment,
    NamedPorts,
    NotStarted,
    ObservedStart,
    PreflightFinding,
    amended,
    as_json,
    exit_code,
    findings_of,
    look_at,
    page,
)

SPARE = (
    1.2  # of the memory that the stack took before: what must be free to start it once more without proxies
)


@dataclass(frozen=True)
class ExaminedStack:
    """One examined stack."""

    plan: Plan
    spliced: ObservedStart | NotStarted
    plain: ObservedStart | NotStarted | None
    findings: tuple[PreflightFinding, ...]

    @property
    def code(self) -> ExitCode:
        return exit_code(self.findings, self.spliced)


def run_preflight(arguments: Namespace, context: CommandContext) -> ExitCode:
    """One page for each stack; the worst exit code."""
    plans = plans_of(arguments.selectors, arguments.pace, arguments.env, context)
    stacks = {(plan.stack_root, plan.stack.stack): plan for plan in reversed(plans)}
    codes = []
    for plan in reversed(stacks.values()):
        reports: Path = context.cwd / arguments.reports
        found = run_until_signal(examine(plan, reports, context, not arguments.spliced_only), context)
        draw = (plan.stack.stack, found.findings, found.spliced, found.plain, found.code)
        for line in [as_json(*draw)] if arguments.json else page(*draw):
            context.say(line)
        if arguments.fix:
            _amend(Path(plan.stack_root) / STACK_FILE, found, context)
        codes.append(found.code)
    return worst_exit(codes)


def _amend(file: Path, found: ExaminedStack, context: CommandContext) -> None:
    text = read_file(file).decode("utf-8")
    fresh = amended(text, found.findings)
    if fresh != text:
        write_file(file, fresh)
        context.complain(f"added suggestions to {context.shown(file)}, as comments")


async def examine(plan: Plan, reports: Path, context: CommandContext, plain: bool) -> ExaminedStack:
    """Start the stack twice, one after the other; nothing of either is left.

    Raises ``EnvironmentProblem`` without an engine, ``UndoFailed`` if something could not be removed.
    """
    ports: dict[str, NamedPorts] = {}
    async with scratch_stacks(context.env, reports) as stacks:
        context.complain(f"starting {plan.stack.stack} with proxies")
        spliced = await _one_start(stacks, plan, context, True, ports)
        other: ObservedStart | NotStarted | None = None
        if plain and _fits_beside(spliced):
            context.complain(f"starting {plan.stack.stack} without proxies")
            other = await _one_start(stacks, without_links(plan), context, False, {})
    return ExaminedStack(plan, spliced, other, findings_of(plan.stack, spliced, other, ports))


def without_links(plan: Plan) -> Plan:
    """The same stack with proxies only for callers from outside."""
    links = {link: port for link, port in plan.stack.links.items() if link.client == CLIENTS}
    return plan.model_copy(update={"stack": plan.stack.model_copy(update={"links": links, "levers": {}})})


def _fits_beside(spliced: ObservedStart | NotStarted) -> bool:
    if isinstance(spliced, NotStarted) or spliced.cost.memory is None:
        return True
    return psutil.virtual_memory().available > SPARE * spliced.cost.memory


async def _one_start(
    stacks: ScratchStacks, plan: Plan, context: CommandContext, deep: bool, ports: dict[str, NamedPorts]
) -> ObservedStart | NotStarted:
    """``ports`` is filled with what the compose file and the images name for each service."""
    async with stacks.deployed(plan, "preflight") as scratch:
        stack = scratch.deployment.stack
        ports.update(_known(stack.prepared.compose.services))
        sockets = ConnectionReader(stack.client, scratch.run_id)
        watched = ExaminedDeployment(
            plan, scratch.deployment, sockets, scratch.folder, scratch.run_id, context.clock
        )
        return await look_at(watched, deep)


def _known(services: Mapping[str, ProjectService]) -> dict[str, NamedPorts]:
    return {name: NamedPorts(service.ports, service.udp_ports) for name, service in services.items()}
