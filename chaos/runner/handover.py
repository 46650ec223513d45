"""Is the stack as it was before the run, so that the next run may use it? Only if runs share a stack."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chaos.errors import GamedayError, Interrupted, ToolProblem
from chaos.model.plan import Plan
from chaos.runner.run_ports import HandoverPort, MetricsPort, RunPorts
from chaos.timeline.events import Event, StackLeft
from chaos.timeline.ledger import StoreRead

UNDOS, CONTAINERS = "every undo read back", "containers and proxies"
HEALTH, LEDGERS, ALERTS = "the clients are well", "ledgers consistent", "alerts quiet"


def after_the_recovery(recovered: bool, reads: Sequence[StoreRead]) -> list[str]:
    """Why a stack is not as it was, by the data of a complete run; empty: no reason."""
    found = [] if recovered else ["the clients were not well again"]
    for read in reads:
        if not read.complete:
            found.append(f"ledger {read.ledger}: {read.store} could not be read: {read.detail}")
        elif not read.settled:
            found.append(f"ledger {read.ledger}: its stores do not agree")
    return list(dict.fromkeys(found))


def cut_short(failure: BaseException | None, orderly: bool) -> list[str]:
    """Why the stack of an incomplete run is not as it was."""
    if isinstance(failure, Interrupted):
        return ["the run was interrupted"]
    if failure is not None:
        return ["the run broke off"]
    return [] if orderly else ["a guardrail ended the run"]


async def hand_over(
    plan: Plan, ports: RunPorts, handover: HandoverPort, doubts: Sequence[str], write: Callable[[Event], None]
) -> bool:
    """Examine the stack, record the result, and keep the stack if it is as it was and a run follows.

    Whatever cannot be read counts as a difference.
    """
    differences = [*doubts]
    looked_at = [UNDOS, HEALTH]
    if ports.ledgers is not None:
        looked_at.append(LEDGERS)
    if ports.metrics is not None:
        looked_at.append(ALERTS)
        differences += await _alerts(plan, ports.metrics)
    looked_at.append(CONTAINERS)
    differences += await _differences(handover)
    clock = ports.context.clock
    kept = handover.leave(clock.mono(), differences)
    write(
        StackLeft(
            at=clock.wall(),
            mono=clock.mono(),
            kept=kept,
            looked_at=tuple(looked_at),
            differences=tuple(differences),
        )
    )
    return kept


async def _alerts(plan: Plan, metrics: MetricsPort) -> list[str]:
    """Alerts that are pending or fire, apart from those that read no series, such as dead-man's switches."""
    expected = plan.detection.reading_nothing if plan.detection is not None else frozenset()
    try:
        active = await metrics.active_alerts()
    except ToolProblem as error:
        return [f"unknown whether an alert fires: {error}"]
    return [f"the alert {name} is {state}" for name, state in active if name not in expected]


async def _differences(handover: HandoverPort) -> list[str]:
    try:
        return list(await handover.differences())
    except GamedayError as error:
        return [f"unknown how its containers are: {error}"]
