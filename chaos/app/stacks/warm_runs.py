"""``gameday run --warm``: runs on shared stacks; each run checks that it leaves its stack as it was.

What a run proves about itself stays the same: its own load, its own steady state before a fault, its own
recovery. Only starting and removing the stack happen once. The data that earlier runs wrote stay in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from chaos.adapters.stack.watchdog import Watchdog
from chaos.app.stacks.warm_lane import BuildPorts, WarmDeployer, WarmLane
from chaos.errors import UndoFailed
from chaos.journal import RunFolder
from chaos.model.plan import Plan
from chaos.runner import Observers, RunPorts
from chaos.timing import Clock


class WarmRuns:
    """The runs of one command on up to ``lanes`` stacks.

    Its ``open_run_ports`` replaces that of a machine.
    """

    def __init__(
        self,
        plans: Sequence[Plan],
        ports: BuildPorts,
        deploys: WarmDeployer,
        say: Callable[[str], None],
        clock: Clock,
        lanes: int = 1,
    ) -> None:
        """``plans``: every run to come."""
        self._to_come = list(plans)
        self._lanes = [WarmLane(self._to_come, ports, deploys, say, clock) for _ in range(lanes)]
        self._lane_of: dict[int, WarmLane] = {}  # by the identity of the plan that runs on it

    @asynccontextmanager
    async def placed(self, plan: Plan) -> AsyncIterator[Plan]:
        """The plan of the next run, with the stack that it uses. The run must end inside.

        Raises ``UndoFailed`` if a stack that it may not use cannot be removed, and ``RuntimeError`` if more
        runs than lanes go on.
        """
        self._begun(plan)
        lane = self._free_lane(plan)
        lane.busy = True
        try:
            given = await lane.next(plan)
            self._lane_of[id(given)] = lane
            try:
                yield given
            finally:
                del self._lane_of[id(given)]
        finally:
            lane.busy = False

    def open_run_ports(
        self, plan: Plan, folder: RunFolder, watchdog: Watchdog, observers: Observers, clock: Clock
    ) -> AbstractAsyncContextManager[RunPorts]:
        """See ``OpenPorts``. ``plan``: one that ``placed`` gave."""
        return self._lane_of[id(plan)].open_run_ports(plan, folder, watchdog, observers, clock)

    async def close(self) -> None:
        """Remove every stack. Idempotent. Raises ``UndoFailed`` with what could not be removed."""
        problems = []
        for lane in self._lanes:
            try:
                await lane.close()
            except UndoFailed as error:
                problems.append(str(error))
        if problems:
            raise UndoFailed("\n".join(problems))

    def _begun(self, plan: Plan) -> None:
        """It is no longer to come. A rerun never was."""
        name = plan.scenario.scenario
        same = (
            index
            for index, one in enumerate(self._to_come)
            if one.scenario.scenario == name and one.source.file == plan.source.file
        )
        if (found := next(same, None)) is not None:
            del self._to_come[found]

    def _free_lane(self, plan: Plan) -> WarmLane:
        """One whose stack suits ``plan``; else one without a stack; else one whose stack is then removed."""
        free = [lane for lane in self._lanes if not lane.busy]
        if not free:
            raise RuntimeError("a run began while all lanes were in use")
        suiting = [lane for lane in free if lane.suits(plan)]
        empty = [lane for lane in free if lane.empty]
        return next(iter((*suiting, *empty, *free)))
