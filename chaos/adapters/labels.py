"""The labels that mark what belongs to a run, and the state of a container as the engine describes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chaos.model.container_states import ENDED, ContainerStatus, HealthStatus
from chaos.ports import ContainerReading

RUN_LABEL = "gameday.run"
OWNER_LABEL = "gameday.owner"
LEASE_LABEL = "gameday.lease"
PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
ONE_OFF_LABEL = "com.docker.compose.oneoff"  # "True": made by `docker compose run`, beside the service's own
VOLUME_LABEL = "com.docker.compose.volume"

_OUTCOMES = "|".join(one for one in HealthStatus if one is not HealthStatus.NONE)
_HEALTH = re.compile(rf"\((?:health: )?({_OUTCOMES})\)")
_EXIT = re.compile(r"^Exited \((-?\d+)\)")


@dataclass(frozen=True)
class OwnershipLabel:
    """The label of what gameday may touch: the label of a run, or of a project that gameday did not start but
    was asked to break.
    """

    label: str
    value: str

    def __str__(self) -> str:
        return f"{'run' if self.label == RUN_LABEL else 'project'} {self.value}"

    def filters(self, service: str | None = None) -> dict[str, list[str]]:
        """The engine's filters for everything with this label, and optionally the label of a service."""
        of_service = [f"{SERVICE_LABEL}={service}"] if service is not None else []
        return {"label": [f"{self.label}={self.value}", *of_service]}


def of_run(run_id: str, service: str | None = None) -> dict[str, list[str]]:
    """The engine's filters for everything with the label of a run, and optionally the label of a service."""
    return OwnershipLabel(RUN_LABEL, run_id).filters(service)


def is_one_off(row: Mapping[str, Any]) -> bool:
    """Was this container made for one command of a procedure? Then its state is not the service's."""
    return (row.get("Labels") or {}).get(ONE_OFF_LABEL) == "True"


def read_row(row: Mapping[str, Any]) -> ContainerReading:
    """One row of the engine's list. Health and exit code are only in its human-readable ``Status``:
    ``Up 2 minutes (healthy)``, ``Up 3 seconds (health: starting)``, ``Up 5 minutes (Paused)``, ``Exited
    (137) ...``.
    """
    status = str(row.get("Status", ""))
    health, code = _HEALTH.search(status), _EXIT.match(status)
    return ContainerReading(
        _state(row["State"]), health.group(1) if health else "", int(code.group(1)) if code else None
    )


def read_state(described: Mapping[str, Any]) -> ContainerReading:
    """The ``State`` of the engine's description of one container."""
    state, health = _state(described["Status"]), (described.get("Health") or {}).get("Status", "")
    return ContainerReading(
        state,
        "" if health == HealthStatus.NONE else health,
        int(described["ExitCode"]) if state in ENDED else None,
        described.get("StartedAt") or "",
        bool(described.get("OOMKilled")),
    )


def _state(word: object) -> str:
    """A container that is being removed counts as gone."""
    return ContainerStatus.GONE if word == ContainerStatus.REMOVING else str(word)
