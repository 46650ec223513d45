"""The states of an alert, by the names that Prometheus gives them."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class AlertState(StrEnum):
    """An alert in neither state is inactive, and Prometheus does not list it."""

    PENDING = "pending"
    FIRING = "firing"


class ActiveAlert(NamedTuple):
    """An alert that is active now, once for each state however many series carry it."""

    alert: str
    state: AlertState

    def __str__(self) -> str:
        return f"{self.alert} {self.state}"
