"""Runs that left something on the engine: found by label, with whether their harness still lives."""

from __future__ import annotations

from dataclasses import dataclass

from docker import DockerClient

from chaos.adapters.engine_connection import connect, engine_errors
from chaos.adapters.labels import OWNER_LABEL, RUN_LABEL
from chaos.adapters.stack.owner import Owner, Ownership
from chaos.adapters.stack.sweep import Belongings, belongings, remove_run
from chaos.engine import EngineAddress
from chaos.errors import UndoFailed

_SECONDS = 30.0


@dataclass(frozen=True)
class FoundRun:
    """A run that still has something on the engine."""

    run_id: str
    state: Ownership
    belongings: Belongings

    @property
    def alive(self) -> bool:
        """Not known to be dead: a run that another machine or container started is left alone as well."""
        return self.state is not Ownership.DEAD


def find_runs(client: DockerClient) -> tuple[FoundRun, ...]:
    """Every run that has something on the engine, by id."""
    owners: dict[str, str] = {}
    with engine_errors("look for left-over runs"):
        bodies = [
            *client.api.containers(all=True, filters={"label": RUN_LABEL}),
            *client.api.networks(filters={"label": RUN_LABEL}),
            *(client.api.volumes(filters={"label": RUN_LABEL}).get("Volumes") or ()),
        ]
        for body in bodies:
            labels = body.get("Labels") or {}
            if labels.get(RUN_LABEL):
                owners.setdefault(labels[RUN_LABEL], labels.get(OWNER_LABEL, ""))
    return tuple(
        FoundRun(run_id, _state(label), belongings(client, run_id))
        for run_id, label in sorted(owners.items())
    )


def clean(engine: EngineAddress, everything: bool = False, within: float = _SECONDS) -> tuple[FoundRun, ...]:
    """Remove the runs whose harness is dead, or all of them. Returns what was removed.

    Raises ``UndoFailed`` with the names of what could not be removed within ``within`` seconds a run.
    """
    client = connect(engine)
    runs = tuple(run for run in find_runs(client) if everything or not run.alive)
    stayed = [name for run in runs for name in remove_run(client, run.run_id, within, quiet_rounds=2).names()]
    if stayed:
        raise UndoFailed(f"could not be removed: {', '.join(stayed)}")
    return runs


def _state(label: str) -> Ownership:
    owner = Owner.parse(label)
    return owner.state() if owner else Ownership.ELSEWHERE
