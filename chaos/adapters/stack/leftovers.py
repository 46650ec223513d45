"""Runs that left something on the engine, found by label, and whether their process still runs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from docker import DockerClient

from chaos.adapters.engine_connection import connect, engine_errors
from chaos.adapters.labels import LEASE_LABEL, OWNER_LABEL, RUN_LABEL
from chaos.adapters.stack.owner import Lease, Owner, Ownership
from chaos.adapters.stack.sweep import LabelledResources, belongings, remove_run
from chaos.engine import EngineAddress
from chaos.errors import UndoFailed

_SECONDS = 30.0
# Any user can put a label on a container. A run counts as running if one of its parts says so.
_BELIEVED_FIRST = (Ownership.ALIVE, Ownership.ELSEWHERE, Ownership.EXPIRED, Ownership.DEAD)


@dataclass(frozen=True)
class FoundRun:
    """A run that still has something on the engine."""

    run_id: str
    state: Ownership
    belongings: LabelledResources

    @property
    def alive(self) -> bool:
        """It may still be running: gameday does not touch a run of another machine or container until its
        lease is over.
        """
        return self.state in (Ownership.ALIVE, Ownership.ELSEWHERE)


def find_runs(client: DockerClient) -> tuple[FoundRun, ...]:
    """Every run that has something on the engine, by id."""
    claims: dict[str, list[Ownership]] = {}
    now = time.time()
    with engine_errors("look for left-over runs"):
        bodies = [
            *client.api.containers(all=True, filters={"label": RUN_LABEL}),
            *client.api.networks(filters={"label": RUN_LABEL}),
            *(client.api.volumes(filters={"label": RUN_LABEL}).get("Volumes") or ()),
        ]
        for body in bodies:
            labels = body.get("Labels") or {}
            if labels.get(RUN_LABEL):
                claims.setdefault(labels[RUN_LABEL], []).append(_state(labels, now))
    return tuple(
        FoundRun(run_id, min(states, key=_BELIEVED_FIRST.index), belongings(client, run_id))
        for run_id, states in sorted(claims.items())
    )


def clean(engine: EngineAddress, everything: bool = False, within: float = _SECONDS) -> tuple[FoundRun, ...]:
    """Remove the runs whose gameday process has ended, or all of them. Returns what was removed.

    Raises ``UndoFailed`` with the names of what could not be removed within ``within`` seconds a run.
    """
    client = connect(engine)
    runs = tuple(run for run in find_runs(client) if everything or not run.alive)
    stayed = [name for run in runs for name in remove_run(client, run.run_id, within, quiet_rounds=2).names()]
    if stayed:
        raise UndoFailed(f"could not be removed: {', '.join(stayed)}")
    return runs


def _state(labels: Mapping[str, str], now: float) -> Ownership:
    """A label that is not gameday's has no owner: unknown until the lease is over."""
    owner, lease = Owner.parse(labels.get(OWNER_LABEL, "")), Lease.parse(labels.get(LEASE_LABEL, ""))
    if owner is not None:
        return owner.state(lease, now)
    return Ownership.EXPIRED if lease is not None and lease.ends < now else Ownership.ELSEWHERE
