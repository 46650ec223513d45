"""Starts a stack outside any run: to examine it, or for a caller that breaks it by hand."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from chaos.adapters.deployment import Deployment
from chaos.adapters.factory import AdapterFactory
from chaos.adapters.stack.guarded_folder import guarded_folder
from chaos.adapters.stack.watchdog import Watchdog
from chaos.engine import local_engine
from chaos.errors import UndoFailed
from chaos.files import make_folder
from chaos.model.plan import Plan


@dataclass(frozen=True)
class ScratchStacks:
    """Deploys stacks on one engine; a watchdog removes what a killed process leaves behind."""

    factory: AdapterFactory
    watchdog: Watchdog

    @asynccontextmanager
    async def deployed(self, plan: Plan, purpose: str) -> AsyncIterator[ScratchStack]:
        """A stack that is not started yet. ``purpose`` is part of the name of its temporary folder.

        All of it is removed afterwards, even if this process is killed; ``UndoFailed`` names what could
        not be removed.
        """
        run_id = secrets.token_hex(3)
        with guarded_folder(self.watchdog, f"gameday-{purpose}-") as folder:
            async with self.factory.deploy(plan, folder, run_id, self.watchdog) as deployment:
                try:
                    yield ScratchStack(run_id, folder, deployment)
                finally:
                    left = await deployment.stack.down()
                    await deployment.stack.discard_offsite()
                    if left.names():
                        raise UndoFailed(f"could not be removed: {', '.join(left.names())}")
                    self.watchdog.forget_run(run_id)


@dataclass(frozen=True)
class ScratchStack:
    """One deployed stack, with its temporary folder."""

    run_id: str
    folder: Path
    deployment: Deployment


@asynccontextmanager
async def scratch_stacks(env: Mapping[str, str], reports: Path) -> AsyncIterator[ScratchStacks]:
    """Raises ``EnvironmentProblem`` without an engine, or if ``reports`` cannot be created."""
    factory = AdapterFactory(local_engine(env))
    await factory.check_engine()
    make_folder(reports)
    watchdog = factory.start_watchdog(reports)
    try:
        yield ScratchStacks(factory, watchdog)
    finally:
        watchdog.done()
