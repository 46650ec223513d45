"""The protocol between gameday and its load worker: one JSON line of orders in, JSON lines of notices out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chaos.model.base import Frozen
from chaos.model.scenario import MOST_A_SECOND
from chaos.model.stack import LoadProfile

STOP_GRACE = 1.0  # seconds that open requests may still take after a stop


class Orders(Frozen):
    """Everything that the worker needs. It reads no file and no environment variable."""

    profile: LoadProfile
    base_url: str
    rate: float = Field(gt=0, le=MOST_A_SECOND)  # per second
    max_seconds: float = Field(gt=0)  # the load ends on its own after that
    in_flight: int = Field(gt=0)  # the most requests that may be open at once
    out: str  # path of load.jsonl; the worker appends one line for each request as it ends
    rows: tuple[dict[str, str], ...] = ()
    degraded_header: str | None = None
    seed: int = 0
    secrets: tuple[str, ...] = ()  # values that the worker removes from what it records
    names: tuple[str, ...] = ()  # texts that stay even if they are the value of a secret


class Notice(Frozen):
    """One message of the worker.

    ``sending``: the first request was sent. ``wall`` and ``mono``: both clocks, in seconds, at the beginning
    of the schedule.

    ``done``: the last message. ``sent``: number of requests sent. ``recorded``: lines written to load.jsonl,
    ``waiting`` of them for requests that the stop interrupted. ``ended``: asked (stdin closed, or SIGTERM) |
    time (``max_seconds`` passed) | failed (``detail`` has the reason).
    """

    notice: Literal["sending", "done"]
    sent: int = 0
    recorded: int = 0
    waiting: int = 0
    wall: float | None = None
    mono: float | None = None
    ended: Literal["asked", "time", "failed"] = "asked"
    detail: str = ""
