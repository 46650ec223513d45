"""``--rerun-inconclusive``: what this machine was too busy to judge runs once more, alone, after all others.

Only an INCONCLUSIVE run is repeated, and only if its recording shows the busy machine. A FAIL never is. Both
runs are kept, and the second one names the first (docs/adr/0034-an-undecided-run-is-repeated-alone.md).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from chaos.app.command_context import CommandContext
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.errors import BadInput, ExitCode, Problem
from chaos.model.plan import Plan
from chaos.model.verdict import Outcome
from chaos.timeline.machine import too_busy


def refuse_repeated(repeat: int) -> None:
    """Raises ``BadInput``: ``--repeat`` shows how outcomes spread, and a rerun would hide some of them."""
    if repeat > 1:
        message = "--repeat shows how often a scenario is INCONCLUSIVE, which reruns would hide"
        raise BadInput([Problem.about("--rerun-inconclusive", message, "leave out one of the two")])


async def rerun_undecided(
    plans: Sequence[Plan],
    outcomes: Sequence[RunOutcome],
    run: Callable[[int, Plan], Awaitable[RunOutcome]],
    context: CommandContext,
) -> list[RunOutcome]:
    """``outcomes``, each undecided one replaced by that of its rerun. One run at a time.

    ``run`` gets the index of the plan. It returns an outcome with the code ``INTERRUPTED`` instead of raising
    a cancellation; after one, nothing runs again, and an outcome without a verdict replaces none.
    """
    ended = list(outcomes)
    for index, first in enumerate(outcomes):
        if any(one.code is ExitCode.INTERRUPTED for one in ended):
            break
        if not undecided(first) or first.judged is None:
            continue
        folder = first.judged.folder.name
        context.say(f"{first.scenario}: running again, alone: this machine was too busy to judge {folder}")
        again = await run(index, plans[index].model_copy(update={"rerun_of": folder}))
        stopped = again.code is ExitCode.INTERRUPTED and again.judged is None
        ended[index] = first.interrupted() if stopped else again
    return ended


def undecided(outcome: RunOutcome) -> bool:
    """Is the run INCONCLUSIVE, and does its recording show that this machine may be the reason?"""
    judged = outcome.judged
    return (
        outcome.code is ExitCode.INCONCLUSIVE
        and judged is not None
        and judged.verdict.outcome is Outcome.INCONCLUSIVE
        and too_busy(judged.recording)
    )
