"""Notifications as the service that receives them lists them: ``alertmanager:`` of stack.yaml names it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chaos.model.base import Frozen

MOST = 2**53  # messages: a larger number is no whole number for most readers of JSON


class Lenient(Frozen):
    """What others write: keys that gameday does not know are left out."""

    model_config = {**Frozen.model_config, "extra": "ignore"}


class NotifiedAlert(Lenient):
    """One alert of a notification, as Alertmanager's webhook has it."""

    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str] = {}

    @property
    def name(self) -> str:
        return self.labels.get("alertname", "")


class Notification(Lenient):
    """One message to one channel. ``number``: 1 for the first that the service received, without gaps.
    ``age``: seconds since it arrived, when the listing was made.
    """

    number: int = Field(ge=1, le=MOST)
    channel: str
    age: float = Field(ge=0, allow_inf_nan=False)
    alerts: tuple[NotifiedAlert, ...]


class Listing(Lenient):
    """What one reading of the service saw. ``count``: messages since its start, listed here or not."""

    count: int = Field(ge=0, le=MOST)
    notifications: tuple[Notification, ...] = ()
