"""Removes what has the label of a run, and never anything else.

Blocking, and usable without a run folder: the runtime, the watchdog and ``gameday clean`` all use it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import docker.errors
from docker import DockerClient

from chaos.adapters.engine_connection import engine_errors
from chaos.adapters.labels import of_run
from chaos.errors import GamedayError

_PAUSE = 0.2
# A container whose creation the engine had already begun appears up to a second later: after a start that
# failed or was cut short, this many looks in a row, so many seconds apart, must find nothing.
UNSETTLED_ROUNDS = 3
UNSETTLED_PAUSE = 0.7
# On a slow machine it appears later, and the looks take longer: usually 5 ms, and 15 to 50 ms when both cores
# are busy. So the pause grows with the slowest look so far, up to a limit: a look may also meet a stall.
_LOOKS_PER_PAUSE = 40
_LONGEST_PAUSE = 3.0
_NOT_NOW = (403, 404, 409)  # in use by something being removed; already removed; removal in progress


@dataclass(frozen=True)
class LabelledResources:
    """Names of everything with a run's label."""

    containers: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        return self.containers + self.networks + self.volumes

    def __bool__(self) -> bool:
        return bool(self.names())


def belongings(client: DockerClient, run_id: str) -> LabelledResources:
    """What still has the label of a run, by name."""
    filters = of_run(run_id)
    with engine_errors("list what carries the run's label"):
        containers = client.api.containers(all=True, filters=filters)
        networks = client.api.networks(filters=filters)
        volumes = client.api.volumes(filters=filters).get("Volumes") or ()
        return LabelledResources(
            tuple(sorted(_container_name(body) for body in containers)),
            tuple(sorted(str(body["Name"]) for body in networks)),
            tuple(sorted(str(body["Name"]) for body in volumes)),
        )


def _container_name(row: Mapping[str, Any]) -> str:
    return str(row["Names"][0]).lstrip("/") if row.get("Names") else str(row["Id"])[:12]


def remove_run(
    client: DockerClient, run_id: str, within: float, quiet_rounds: int = 1, pause: float = _PAUSE
) -> LabelledResources:
    """Remove everything of one run: containers, then networks, then volumes, until nothing is left.

    ``quiet_rounds``: how many looks in a row, at least ``pause`` seconds apart, must find nothing before it
    is believed; more than one where a start may still be under way. Idempotent. Returns what is left when
    ``within`` seconds are over: nothing, if all went well. An engine that refuses one removal is asked again
    until then.
    """
    deadline = time.monotonic() + within
    quiet, slowest = 0, 0.0
    while True:
        began = time.monotonic()
        try:
            left = belongings(client, run_id)
        except GamedayError:
            if time.monotonic() > deadline:
                raise
            time.sleep(pause)
            continue
        slowest = max(slowest, time.monotonic() - began)
        quiet = 0 if left else quiet + 1
        if quiet >= quiet_rounds or (left and time.monotonic() > deadline):
            return left
        if left and _remove(client, left):
            continue
        time.sleep(pause if left else quiet_pause(pause, slowest))


def quiet_pause(least: float, slowest: float) -> float:
    """Seconds to wait after a look that found nothing. ``slowest``: seconds that the slowest look took."""
    return max(least, min(_LONGEST_PAUSE, _LOOKS_PER_PAUSE * slowest))


def _remove(client: DockerClient, found: LabelledResources) -> bool:
    """Did the engine accept every removal? What it refused is still there at the next look."""
    # v: the anonymous volumes of an image carry no label of ours, they go with their container
    return (
        _each(found.containers, lambda name: client.api.remove_container(name, v=True, force=True))
        and _each(found.networks, client.api.remove_network)
        and _each(found.volumes, lambda name: client.api.remove_volume(name, force=True))
    )


def _each(names: Iterable[str], remove: Callable[[str], object]) -> bool:
    """Remove one after the other, and continue after a failure. False: the engine refused one.

    Not side by side: the engine counts the endpoints of a network wrong when several leave it at once (seen
    on 20.10: "has active endpoints" of a network without any, until the engine is restarted). Six containers
    take 1.6 s instead of 1.3 s.
    """
    taken = True
    for name in names:
        try:
            with engine_errors(f"remove {name}"):
                try:
                    remove(name)
                except docker.errors.APIError as error:
                    if error.status_code not in _NOT_NOW:
                        raise
        except GamedayError:
            taken = False
    return taken
