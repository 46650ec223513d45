"""What the harness and its load worker say to each other: one JSON line of orders in, JSON lines of
notices out.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chaos.model.base import Frozen
from chaos.model.stack import LoadProfile

MAX_RATE = 200.0  # per second, the bound of a scenario's rate: gameday is not a load test
STOP_GRACE = 1.0  # seconds that requests under way may still take once the load is asked to stop


class Orders(Frozen):
    """All that the worker needs; it reads no file and no environment variable."""

    profile: LoadProfile
    base_url: str
    rate: float = Field(gt=0, le=MAX_RATE)  # per second
    max_seconds: float = Field(gt=0)  # it ends on its own after that
    in_flight: int = Field(gt=0)  # most requests that may be unanswered at once
    out: str  # load.jsonl; one line is appended per request, as it finishes
    rows: tuple[dict[str, str], ...] = ()
    degraded_header: str | None = None
    seed: int = 0
    secrets: tuple[str, ...] = ()  # removed from what is recorded, as in plan.json
    names: tuple[str, ...] = ()  # texts that stay although they are the value of a secret


class Notice(Frozen):
    """``sending``: the first request went out; ``wall`` and ``mono`` are both clocks at the instant at which
    the schedule began. ``done``: the last line; ``recorded`` lines were written, ``waiting`` of them for
    requests that were cut off by the stop.

    ``ended``: asked (to stop: stdin was closed, or SIGTERM) | time (``max_seconds`` passed) | failed
    (``detail`` says why).
    """

    notice: Literal["sending", "done"]
    sent: int = 0
    recorded: int = 0
    waiting: int = 0
    wall: float | None = None
    mono: float | None = None
    ended: Literal["asked", "time", "failed"] = "asked"
    detail: str = ""
