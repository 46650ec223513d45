"""The only place that builds the adapters of a container engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from chaos.adapters.deployment import Deployment, deployment_of, writer_threads
from chaos.adapters.engine_connection import connect
from chaos.adapters.stack.guarded_folder import guarded_folder
from chaos.adapters.stack.leftovers import FoundRun, clean
from chaos.adapters.stack.runtime import StackRuntime
from chaos.adapters.stack.secrets import find_secrets
from chaos.adapters.stack.watchdog import Watchdog
from chaos.engine import EngineAddress
from chaos.model.plan import Plan

ENGINE_SECONDS = 5.0  # a healthy engine answers a ping in milliseconds


@dataclass(frozen=True)
class AdapterFactory:
    """Builds adapters for ``engine`` only. The caller has refused a remote engine (``local_engine``)."""

    engine: EngineAddress

    async def check_engine(self) -> None:
        """Raises ``EnvironmentProblem`` if the engine does not answer within ``ENGINE_SECONDS``."""
        (await asyncio.to_thread(connect, self.engine, ENGINE_SECONDS)).close()

    def start_watchdog(self, reports: Path) -> Watchdog:
        """See ``Watchdog.start``."""
        return Watchdog.start(reports, self.engine)

    async def find_secrets(self, plan: Plan) -> tuple[str, ...]:
        """See ``secrets.find_secrets``."""
        return await find_secrets(plan, self.engine)

    @asynccontextmanager
    async def deploy(
        self, plan: Plan, folder: Path, run_id: str, watchdog: Watchdog
    ) -> AsyncIterator[Deployment]:
        """The deployment of a run, prepared but not started; see ``prepared.prepare`` for what it raises.

        ``watchdog`` guards the run before any part of it exists.
        """
        watchdog.guard_run(run_id)
        with guarded_folder(watchdog, "gameday-private-") as private:
            runtime = StackRuntime(
                plan, folder, run_id, self.engine, private=private, on_process=watchdog.guard_process
            )
            await runtime.prepare()
            try:
                async with self.reach(runtime, plan, run_id, watchdog) as deployment:
                    yield deployment
            finally:
                runtime.release_ports()

    @asynccontextmanager
    async def reach(
        self, runtime: StackRuntime, plan: Plan, run_id: str, watchdog: Watchdog
    ) -> AsyncIterator[Deployment]:
        """Adapters of one run for a prepared stack, which may already run. ``run_id`` is the one in its
        labels.
        """
        async with writer_threads() as threads:
            deployment = await deployment_of(runtime, plan, run_id, watchdog, threads)
            try:
                yield deployment
            finally:
                await deployment.close()

    def clean(self, everything: bool) -> tuple[FoundRun, ...]:
        """See ``leftovers.clean``."""
        return clean(self.engine, everything)
