"""The states of a container and the outcomes of its health check, by the names that the engine gives them.

A reading and a recording hold them as text, because an engine may have words that are not listed here.
Such a word equals none of these: its container neither runs nor has ended.
"""

from __future__ import annotations

from enum import StrEnum


class ContainerStatus(StrEnum):
    """What the engine says of a container; the last two are gameday's own words."""

    CREATED = "created"
    RUNNING = "running"
    PAUSED = "paused"
    RESTARTING = "restarting"
    REMOVING = "removing"
    EXITED = "exited"
    DEAD = "dead"
    GONE = "gone"  # there is no such container
    UNKNOWN = "unknown"  # the engine did not answer


class HealthStatus(StrEnum):
    """What the engine says of a health check. A reading has an empty text instead of ``NONE``."""

    NONE = "none"
    STARTING = "starting"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"


STATE_VALUE = "state"
"""The name of the state of a container among the values that a witness measured."""

ENDED = (ContainerStatus.EXITED, ContainerStatus.DEAD)
"""The states of a container whose main process has ended."""

DOWN = (*ENDED, ContainerStatus.RESTARTING)
"""The same, and that of a container that the engine is about to start again."""


def healthy(health: str) -> bool:
    """Does the container have no health check, or one that passes? False while the check has no outcome."""
    return health in ("", HealthStatus.HEALTHY)
