"""What runs would share if they ran side by side: things of this computer that exist only once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from chaos.errors import BadInput, Problem
from chaos.local_target import LOCAL
from chaos.model.owners import named_as_is
from chaos.model.plan import Plan
from chaos.model.stack import Stack
from chaos.scenario.compose import read_compose

_HOST, _OTHERS = "host", "container:"
_Networks = dict[tuple[object, ...], frozenset[str]]  # of a project with these profiles, each read once


def _uses_of(plans: Sequence[Plan]) -> list[frozenset[str]]:
    """What each of these runs uses and another run beside it would use as well, in words."""
    if len(plans) < 2:
        return []
    read: _Networks = {}
    return [frozenset(_named_in(plan.stack, plan.stack_root)) | _networks(plan, read) for plan in plans]


def _named_in(stack: Stack, root: str) -> Iterator[str]:
    for entry in named_as_is(stack.use_as_is, Path(root) / stack.compose):
        yield f"{entry} (use_as_is)"
    for host_port in stack.expose.values():
        yield f"port {host_port} on {LOCAL} (expose)"


def _networks(plan: Plan, read: _Networks) -> frozenset[str]:
    """The networks of this host that the services use."""
    profiles = frozenset(plan.scenario.profiles)
    key = (plan.stack_root, tuple(plan.stack.compose_files), profiles)
    if key not in read:
        read[key] = frozenset(_read_networks(plan.stack, plan.stack_root, profiles))
    return read[key]


def _read_networks(stack: Stack, root: str, profiles: frozenset[str]) -> Iterator[str]:
    try:
        services = read_compose(stack, Path(root))
    except BadInput:
        return  # the run itself will say so
    for service in services.values():
        if service.profiles and profiles.isdisjoint(service.profiles):
            continue
        if service.network_mode == _HOST:
            yield "the network of this host (network_mode: host)"
        elif service.network_mode.startswith(_OTHERS):
            yield f"the network of a container of yours (network_mode: {service.network_mode})"


def _in_common(uses: Iterable[frozenset[str]]) -> frozenset[str]:
    """What several of these runs use."""
    runs = Counter(thing for one in uses for thing in one)
    return frozenset(thing for thing, number in runs.items() if number > 1)


def refuse_shared(plans: Sequence[Plan], jobs: int | None) -> None:
    """Raises ``BadInput`` if runs side by side would share something that exists only once: two databases on
    one data folder destroy it. Allows ``auto`` (None), with which such runs take turns.
    """
    if jobs is None or jobs == 1:
        return
    common = sorted(_in_common(_uses_of(plans)))
    if common:
        message = f"{jobs} runs side by side would share {'; '.join(common)}"
        fix = "use --jobs 1 or --jobs auto, or remove these from stack.yaml or the compose file"
        raise BadInput([Problem.about("--jobs", message, fix)])


class Turns:
    """With ``--jobs auto``: of the runs that share something with another run, one runs at a time."""

    def __init__(self, plans: Sequence[Plan], jobs: int | None) -> None:
        uses = _uses_of(plans) if jobs is None else []
        common = _in_common(uses)
        self._sharing = {index for index, used in enumerate(uses) if used & common}
        self._alone = asyncio.Lock()

    @property
    def needed(self) -> bool:
        """Do some of these runs share something?"""
        return bool(self._sharing)

    @asynccontextmanager
    async def of(self, index: int) -> AsyncIterator[None]:
        """Wait for the turn of the run of this plan, and hold it. A run that shares nothing need not wait."""
        if index not in self._sharing:
            yield
            return
        async with self._alone:
            yield
