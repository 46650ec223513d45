"""What an expectation can put to the test: the rows of ``gameday coverage``."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from chaos.model.identity import ResultKey


class Covers(StrEnum):
    """What an expectation can put to the test, for ``gameday coverage``."""

    ALERT_FIRES = "alert fires"
    ALERT_STAYS_SILENT = "alert stays silent"
    DEGRADED_STATE = "degraded state"


class Covered(NamedTuple):
    """One thing that an expectation puts to the test, and the result that says how it ended.

    ``subject``: name of the subject of that result; None: the worst of all results of the key counts.
    """

    what: Covers
    name: str  # of the alert, or the value of the header of degraded answers
    key: ResultKey
    subject: str | None = None
