"""What runs would share if they ran side by side: things of this computer that exist only once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from chaos.errors import BadInput, Problem
from chaos.local_target import LOCAL
from chaos.model.owners import named_as_is
from chaos.model.plan import Plan
from chaos.scenario.compose import read_compose

_HOST, _OTHERS = "host", "container:"


def shared_by(plan: Plan) -> frozenset[str]:
    """What a run of ``plan`` uses and another run beside it would use as well, in words."""
    return frozenset(_shared(plan))


def _shared(plan: Plan) -> Iterator[str]:
    stack = plan.stack
    for entry in named_as_is(stack.use_as_is, Path(plan.stack_root) / stack.compose):
        yield f"{entry} (use_as_is)"
    for host_port in stack.expose.values():
        yield f"port {host_port} on {LOCAL} (expose)"
    try:
        services = read_compose(stack, Path(plan.stack_root))
    except BadInput:
        return  # the run itself will say so
    for service in services.values():
        active = not service.profiles or set(service.profiles) & set(plan.scenario.profiles)
        if active and service.network_mode == _HOST:
            yield "the network of this host (network_mode: host)"
        elif active and service.network_mode.startswith(_OTHERS):
            yield f"the network of a container of yours (network_mode: {service.network_mode})"


def _in_common(plans: Sequence[Plan]) -> frozenset[str]:
    """What several of these runs use."""
    uses = Counter(thing for plan in plans for thing in shared_by(plan))
    return frozenset(thing for thing, runs in uses.items() if runs > 1)


def refuse_shared(plans: Sequence[Plan], jobs: int | None) -> None:
    """Raises ``BadInput`` if runs side by side would share something that exists only once: two databases on
    one data folder destroy it. Allows ``auto`` (None), with which such runs take turns.
    """
    if jobs is None or jobs == 1:
        return
    common = sorted(_in_common(plans))
    if common:
        message = f"{jobs} runs side by side would share {'; '.join(common)}"
        fix = "use --jobs 1 or --jobs auto, or remove these from stack.yaml or the compose file"
        raise BadInput([Problem.about("--jobs", message, fix)])


class Turns:
    """Lets one run at a time run of those that share something with another run of the command."""

    def __init__(self, plans: Sequence[Plan]) -> None:
        self._common = _in_common(plans)
        self._alone = asyncio.Lock()

    @asynccontextmanager
    async def of(self, plan: Plan) -> AsyncIterator[None]:
        """Wait for the turn of this run, and hold it. A run that shares nothing need not wait."""
        if not self._common & shared_by(plan):
            yield
            return
        async with self._alone:
            yield
