"""The ``Traffic`` port: each spike is a load process of its own, whose requests have their own file."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from chaos.errors import BadInput, ToolProblem, foreign_errors
from chaos.load.process import LoadProcess, TrafficToSend
from chaos.model.plan import Plan
from chaos.model.spikes import spike_profile
from chaos.model.stack import LinkName
from chaos.ports import Spike
from chaos.redaction import Hiding
from chaos.timeline.observations import LinkCounts

FOLDER = "spikes"  # below the run folder: one file a spike, in the format of load.jsonl


@dataclass
class _Flow:
    process: LoadProcess
    out: Path
    read: int = 0  # bytes of ``out`` that were counted
    outcomes: Counter[str] = field(default_factory=Counter)


class LoadSpikes:
    """Spikes of one run. ``entries``: service -> URL at which clients reach it. ``guard`` is called with the
    id of each process. ``hide`` frees what is written of secrets.
    """

    def __init__(
        self,
        plan: Plan,
        folder: Path,
        entries: Mapping[str, str],
        guard: Callable[[int], None],
        counts: Callable[[], Awaitable[tuple[LinkCounts, ...]]],
        hide: Hiding,
    ) -> None:
        self._plan = plan
        self._folder = folder / FOLDER
        self._entries = entries
        self._guard = guard
        self._counts = counts
        self._hide = hide
        self._flows: dict[str, _Flow] = {}
        self._ended: dict[str, _Flow] = {}
        self._started = 0

    async def begin(self, name: str, spike: Spike) -> None:
        if name in self._flows:
            return
        try:
            profile = spike_profile(self._plan.stack, spike.link, spike.profile, spike.headers)
        except ValueError as error:
            raise BadInput(str(error)) from error
        with foreign_errors(f"cannot create {self._folder}"):
            self._folder.mkdir(exist_ok=True)
        self._started += 1
        flow = _Flow(LoadProcess(), self._folder / f"{self._started}.jsonl")
        self._flows[name] = flow  # before the start, so that ``end`` also ends an interrupted start
        traffic = TrafficToSend(
            profile,
            self._entries[spike.link.target],
            spike.rate,
            spike.most_seconds,
            data=self._plan.data_of(profile),
            seed=self._started,
        )
        await flow.process.start(traffic, flow.out, self._hide)
        if flow.process.pid is not None:
            self._guard(flow.process.pid)

    async def end(self, name: str) -> None:
        flow = self._flows.get(name)
        if flow is not None:
            await flow.process.stop()
            if not flow.process.running:
                self._ended[name] = self._flows.pop(name)

    def flowing(self, name: str) -> bool:
        flow = self._flows.get(name)
        if flow is not None and flow.process.died:
            raise ToolProblem(f"{name} ended unexpectedly: {flow.process.died}")
        return flow is not None and flow.process.running

    async def outcomes(self, name: str) -> Mapping[str, int]:
        """Also after the end of the spike, until another one of that name begins."""
        flow = self._flows.get(name) or self._ended.get(name)
        if flow is None:
            return {}
        with foreign_errors(f"cannot read {flow.out}"):
            await asyncio.to_thread(_count, flow)
        return dict(flow.outcomes)

    async def carried(self, link: LinkName) -> int:
        for counts in await self._counts():
            if counts.link == str(link):
                return counts.sent + (counts.open_sent or 0)
        raise ToolProblem(f"no proxy counts the traffic of link {link}")


def _count(flow: _Flow) -> None:
    """Count the new complete lines."""
    with suppress(FileNotFoundError), flow.out.open("rb") as lines:
        lines.seek(flow.read)
        for line in lines:
            if not line.endswith(b"\n"):
                break
            flow.read += len(line)
            seen = json.loads(line)
            if "status" in seen:
                flow.outcomes[str(seen["status"] or seen["error"])] += 1
