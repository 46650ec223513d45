"""Finding and removing what carries the harness's label, and never anything else.

Blocking, and usable without a run folder: the runtime, the watchdog and ``gameday clean`` all remove through here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import docker.errors
from docker import DockerClient

from chaos.adapters.stack.engine import connect, engine_errors
from chaos.adapters.stack.owner import Owner, Ownership
from chaos.adapters.stack.splice import OWNER_LABEL, RUN_LABEL
from chaos.errors import GamedayError, UndoFailed

_PAUSE = 0.2
_NOT_NOW = (403, 404, 409)  # in use by what is going too; already gone; its removal is in progress
_WORKERS = 8


@dataclass(frozen=True)
class Belongings:
    """Names of what carries a run's label."""

    containers: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        return self.containers + self.networks + self.volumes

    def __bool__(self) -> bool:
        return bool(self.names())


@dataclass(frozen=True)
class FoundRun:
    """A run that still has something on the engine. ``owner`` None: its label cannot be read."""

    run_id: str
    owner: Owner | None
    state: Ownership
    belongings: Belongings


def belongings(client: DockerClient, run_id: str) -> Belongings:
    """What still carries the label of a run, by name."""
    return _list(client, f"{RUN_LABEL}={run_id}")


def remove_run(
    client: DockerClient, run_id: str, within: float, quiet_rounds: int = 1, pause: float = _PAUSE
) -> Belongings:
    """Remove everything of one run: containers in parallel, then networks, then volumes, until nothing is left.

    ``quiet_rounds``: how many looks in a row, ``pause`` seconds apart, must find nothing before it is believed; more
    than one where a start may still be under way. Idempotent. Returns what is left when ``within`` seconds are over:
    nothing, if all went well. An engine that refuses one removal is asked again until then.
    """
    deadline = time.monotonic() + within
    quiet = 0
    while True:
        try:
            left = belongings(client, run_id)
            quiet = 0 if left else quiet + 1
            if quiet >= quiet_rounds or (left and time.monotonic() > deadline):
                return left
            if left:
                _remove(client, left)
                continue
        except GamedayError:
            if time.monotonic() > deadline:
                raise
        time.sleep(pause)


def find_runs(client: DockerClient | None = None) -> tuple[FoundRun, ...]:
    """Every run that has something on the engine, oldest name first, with whether its harness still lives."""
    client = client or connect()
    owners: dict[str, str] = {}
    with engine_errors("look for left-over runs"):
        bodies = [
            *client.api.containers(all=True, filters={"label": RUN_LABEL}),
            *client.api.networks(filters={"label": RUN_LABEL}),
            *(client.api.volumes(filters={"label": RUN_LABEL}).get("Volumes") or ()),
        ]
    for body in bodies:
        labels = body.get("Labels") or {}
        owners.setdefault(labels[RUN_LABEL], labels.get(OWNER_LABEL, ""))
    runs = []
    for run_id, label in sorted(owners.items()):
        owner = Owner.parse(label)
        state = owner.state() if owner else Ownership.ELSEWHERE
        runs.append(FoundRun(run_id, owner, state, belongings(client, run_id)))
    return tuple(runs)


def clean(everything: bool = False, within: float = 30.0) -> tuple[FoundRun, ...]:
    """Remove the runs whose harness is dead, or all of them. Returns what was removed; ``UndoFailed`` if some stayed."""
    client = connect()
    runs = tuple(run for run in find_runs(client) if everything or run.state is Ownership.DEAD)
    stayed = [name for run in runs for name in remove_run(client, run.run_id, within).names()]
    if stayed:
        raise UndoFailed(f"could not be removed within {within:g} s: {', '.join(stayed)}")
    return runs


def _list(client: DockerClient, label: str) -> Belongings:
    filters = {"label": label}
    with engine_errors("list what carries the run's label"):
        containers = client.api.containers(all=True, filters=filters)
        networks = client.api.networks(filters=filters)
        volumes = client.api.volumes(filters=filters).get("Volumes") or ()
    return Belongings(
        tuple(
            sorted(
                body["Names"][0].lstrip("/") if body.get("Names") else body["Id"][:12] for body in containers
            )
        ),
        tuple(sorted(body["Name"] for body in networks)),
        tuple(sorted(body["Name"] for body in volumes)),
    )


def _remove(client: DockerClient, found: Belongings) -> None:
    # v: the anonymous volumes of an image carry no label of ours, they go with their container
    _each(found.containers, lambda name: client.api.remove_container(name, v=True, force=True))
    _each(found.networks, client.api.remove_network)
    _each(found.volumes, lambda name: client.api.remove_volume(name, force=True))


def _each(names: Iterable[str], remove: Callable[[str], object]) -> None:
    def one(name: str) -> None:
        with engine_errors(f"remove {name}"):
            try:
                remove(name)
            except docker.errors.APIError as error:
                if error.status_code not in _NOT_NOW:
                    raise

    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="remove") as pool:
        for done in [pool.submit(one, name) for name in names]:
            done.result()
