"""A finding. Instants are seconds since the epoch; days are dates in UTC."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from chaos.model.base import Frozen, Instant

DUE_DAYS = 14  # after the finding was opened; gameday's own figure; --due sets another date


class FindingState(StrEnum):
    """``RECURRING``: a passing re-test had closed it, and a later run failed again."""

    OPEN = "open"
    RECURRING = "recurring"
    CLOSED = "closed"


class Finding(Frozen):
    """``number``: the store sets it; 0 before. ``identity``: unique in the list.

    ``scenario``: its passing run closes the finding. ``stack``: of that scenario; empty: any. ``source``:
    where it was first found. ``times``: how many runs found it. ``reopened``: how often it was reopened.
    """

    number: int = 0
    identity: str
    title: str
    scenario: str
    stack: str = ""
    source: str
    owner: str = ""
    due: date
    opened: Instant
    last_seen: Instant
    times: int = 1
    reopened: int = 0
    closed: Instant | None = None
    closed_by: str = ""

    @property
    def name(self) -> str:
        return f"F-{self.number:04d}"

    @property
    def state(self) -> FindingState:
        if self.closed is not None:
            return FindingState.CLOSED
        return FindingState.RECURRING if self.reopened else FindingState.OPEN

    def overdue(self, today: date) -> bool:
        return self.closed is None and self.due < today
