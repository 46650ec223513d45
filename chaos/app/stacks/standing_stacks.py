"""Stacks that several runs share: deployed once, reached anew by each run, removed at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from chaos.adapters.deployment import Deployment
from chaos.adapters.factory import AdapterFactory
from chaos.adapters.stack.condition import stack_condition
from chaos.adapters.stack.watchdog import Watchdog
from chaos.app.stacks.lent_stack import StandingStack
from chaos.app.stacks.scratch_stack import ScratchStacks
from chaos.model.plan import Plan
from chaos.timing import Clock

Reach = Callable[[Plan, Watchdog], AbstractAsyncContextManager[Deployment]]


@dataclass(frozen=True)
class Started:
    """A stack for several runs. ``plan``: deploys the stack. ``reach``: creates the adapters of a run."""

    plan: Plan
    standing: StandingStack
    reach: Reach


@dataclass(frozen=True)
class StandingStacks:
    """Deploys such stacks on one engine."""

    factory: AdapterFactory
    clock: Clock

    @asynccontextmanager
    async def __call__(self, plan: Plan, watchdog: Watchdog) -> AsyncIterator[Started]:
        """A stack that is not started yet; ``UndoFailed`` names what of it could not be removed. Its files
        lie in a temporary folder, as they outlive the folder of its first run.
        """
        async with ScratchStacks(self.factory, watchdog).deployed(plan, "warm") as scratch:
            deployment, stack = scratch.deployment, scratch.deployment.stack
            read = partial(
                stack_condition,
                stack.client,
                scratch.run_id,
                deployment.links,
                tuple(plan.stack.link_names()),
            )

            def reach(of_run: Plan, guard: Watchdog) -> AbstractAsyncContextManager[Deployment]:
                return self.factory.reach(stack, of_run, scratch.run_id, guard)

            yield Started(plan, StandingStack(stack, read, self.clock), reach)
