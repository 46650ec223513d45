"""The warm runs of one engine."""

from __future__ import annotations

from collections.abc import Sequence

from chaos.adapters.factory import AdapterFactory
from chaos.app.command_context import CommandContext
from chaos.app.run_ports_factory import RunPortsFactory
from chaos.app.stacks.standing_stacks import StandingStacks
from chaos.app.stacks.warm_runs import WarmRuns
from chaos.engine import EngineAddress
from chaos.model.plan import Plan


def warm_runs_on(
    engine: EngineAddress, plans: Sequence[Plan], context: CommandContext, lanes: int
) -> WarmRuns:
    """``plans``: every run to come. ``lanes``: how many run at once."""
    factory = AdapterFactory(engine)
    stacks = StandingStacks(factory, context.clock)
    return WarmRuns(plans, RunPortsFactory(factory), stacks, context.say, context.clock, lanes)
