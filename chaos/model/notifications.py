"""Notifications, as listed by the service that receives them (``alertmanager:`` in stack.yaml names it)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chaos.model.base import Frozen

MOST = 2**53  # messages: a larger number is no whole number for most readers of JSON


class Lenient(Frozen):
    """A value that another program writes: unknown keys are ignored."""

    model_config = {**Frozen.model_config, "extra": "ignore"}


class NotifiedAlert(Lenient):
    """One alert of a notification, as Alertmanager's webhook has it."""

    status: Literal["firing", "resolved"]
    labels: dict[str, str]
    annotations: dict[str, str] = {}

    @property
    def name(self) -> str:
        return self.labels.get("alertname", "")


class DeliveredNotification(Lenient):
    """One message to one channel. ``number``: 1 for the first that the service received, without gaps.
    ``age``: seconds from its arrival to the listing.
    """

    number: int = Field(ge=1, le=MOST)
    channel: str
    age: float = Field(ge=0, allow_inf_nan=False)
    alerts: tuple[NotifiedAlert, ...]


class Listing(Lenient):
    """One answer of the service. ``count``: messages since its start, including those not listed here."""

    count: int = Field(ge=0, le=MOST)
    notifications: tuple[DeliveredNotification, ...] = ()
