"""Sends alerts to an Alertmanager on this machine, and reads what the receiver of notifications lists."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime
from types import TracebackType

import httpx
from pydantic import ValidationError

from chaos.alertmanager.fire_alarm import DrillAlert
from chaos.bounded_http import exchange
from chaos.errors import ToolProblem, foreign_errors
from chaos.model.notifications import Listing

_SECONDS = 5.0
_WHOLE = 15.0  # seconds of a whole answer: httpx limits each part of it separately
_MOST_BYTES = 16_000_000


class AlertmanagerClient:
    """``alertmanager`` and ``receiver``: base URLs on this machine; ``path`` lists the notifications. Every
    call is bounded and raises ``ToolProblem``; use it as ``async with``.
    """

    def __init__(
        self, alertmanager: str, receiver: str, path: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._alertmanager = alertmanager.rstrip("/")
        self._listing = receiver.rstrip("/") + path
        self._http = httpx.AsyncClient(timeout=_SECONDS, trust_env=False, transport=transport)

    async def __aenter__(self) -> AlertmanagerClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def send(self, alerts: Iterable[DrillAlert], starts: datetime, ends: datetime) -> None:
        """Send alerts that fire from ``starts`` to ``ends``; an end in the past resolves them."""
        body = [
            {
                "labels": dict(one.labels),
                "annotations": dict(one.annotations),
                "startsAt": starts.isoformat(),
                "endsAt": ends.isoformat(),
            }
            for one in alerts
        ]
        url = f"{self._alertmanager}/api/v2/alerts"
        with foreign_errors(f"Alertmanager does not answer {url}"):
            async with asyncio.timeout(_WHOLE):
                answer = await exchange(self._http, "POST", url, headers={}, most=_MOST_BYTES, json=body)
        if answer.status != httpx.codes.OK:
            raise ToolProblem(f"Alertmanager answers {url} with {answer.status}: {answer.text[:300]}")

    async def listing(self) -> Listing:
        """Everything that the receiver got."""
        with foreign_errors(f"the receiver of the notifications does not answer {self._listing}"):
            async with asyncio.timeout(_WHOLE):
                answer = await exchange(self._http, "GET", self._listing, headers={}, most=_MOST_BYTES)
        try:
            return Listing.model_validate_json(answer.body)
        except ValidationError as error:
            first = error.errors()[0]["msg"]
            raise ToolProblem(f"{self._listing} did not return a list of notifications: {first}") from error
