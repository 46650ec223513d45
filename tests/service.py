"""A ``RunService`` with a backend in memory: runs from an empty folder to their reports, without engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from chaos.adapters.stack.secrets import find_secrets
from chaos.adapters.stack.watchdog import Watchdog
from chaos.app.run_service import RunBackend, RunService
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.app.stored_runs.proof import Proof, proof_of
from chaos.app.stored_runs.verdicts import JudgedRun
from chaos.checks.kit.alert_params import Detection
from chaos.engine import EngineAddress
from chaos.errors import ExitCode
from chaos.evidence import Reason, Seal, Signer, seal
from chaos.faults.container_kill import ContainerKill
from chaos.journal import JournalWriter, RunFolder
from chaos.model.plan import Plan
from chaos.runner import ObservedJournal, Observer, Observers, RunControl, RunPorts
from chaos.timing import Clock
from chaos.verdict import verdict_json
from tests.runner_harness import RunnerHarness, plan

KILL = ContainerKill.model_validate({"at": "2s", "for": "10s", "fault": "container.kill", "service": "cache"})


class FakeWatchdog:
    """Watches nothing."""

    def __init__(self) -> None:
        self.left = False

    def done(self) -> None:
        self.left = True


async def secrets_of(plan: Plan) -> tuple[str, ...]:
    return await find_secrets(plan, EngineAddress())


async def no_engine_needed() -> None:
    return None


def backend(open_ports: Callable[..., AbstractAsyncContextManager[RunPorts]]) -> RunBackend:
    """A backend without an engine, whose runs are handed what ``open_ports`` makes."""
    watchdog = cast(Watchdog, FakeWatchdog())
    return RunBackend(cast(Any, open_ports), lambda _: watchdog, no_engine_needed, secrets_of)


def ports_of(
    harness: RunnerHarness, change: Callable[[RunPorts], RunPorts] = lambda needs: needs
) -> Callable[..., AbstractAsyncContextManager[RunPorts]]:
    """What the harness hands a run, with a real journal in the run's folder."""

    @asynccontextmanager
    async def ports(
        plan: Plan, folder: RunFolder, watchdog: Watchdog, observers: Observers, clock: Clock
    ) -> AsyncIterator[RunPorts]:
        with JournalWriter(folder.journal) as journal:
            observed = ObservedJournal(journal, observers, lambda text: text)
            given = replace(harness.needs(), folder=folder, journal=observed, progress=observers.progress)
            yield change(given)

    return ports


def toy_in(folder: Path) -> Plan:
    """The toy's plan, with a scenario file of its own in ``folder``: no alert may fire."""
    file = folder / "toy.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("scenario: toy\n", encoding="utf-8")
    toy = plan(KILL)
    source = toy.source.model_copy(update={"file": str(file)})
    scenario = toy.scenario.model_copy(update={"expect": {"detection": (Detection(),)}})
    return toy.model_copy(update={"source": source, "scenario": scenario})


async def run_toy(
    toy: Plan,
    reports: Path,
    open_ports: Callable[..., AbstractAsyncContextManager[RunPorts]],
    signer: Signer | None = None,
    observers: Sequence[Observer] = (),
    control: RunControl | None = None,
) -> RunOutcome:
    """``toy`` through a service of its own."""
    async with RunService(reports, signer, backend=backend(open_ports)) as service:
        return await service.run(toy, observers, control)


def passed(judged: JudgedRun) -> RunOutcome:
    """A run that ended well, with all that proves it in its folder."""
    return RunOutcome(judged.recording.plan.scenario.scenario, ExitCode.PASS, judged, proof=sealed(judged))


def sealed(judged: JudgedRun) -> Proof:
    """Write and seal the least that a judged run has in its folder."""
    folder = judged.folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.json").write_text("{}")
    (folder / "verdict.json").write_text(verdict_json(judged.verdict))
    return proof_of(folder, seal(folder, Seal("1", 1.0), Reason.RUN), ["plan.json", "verdict.json"])
