"""What an expectation can test: the rows of ``gameday coverage``."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from chaos.model.identity import ResultKey


class CoverageKind(StrEnum):
    """What an expectation can test, for ``gameday coverage``."""

    ALERT_FIRES = "alert fires"
    ALERT_STAYS_SILENT = "alert stays silent"
    DEGRADED_STATE = "degraded state"


class Covered(NamedTuple):
    """One thing that an expectation tests, and the key of the result that has its outcome.

    ``subject``: name of the subject of that result; None: the worst of all results with this key counts.
    """

    what: CoverageKind
    name: str  # of the alert, or the value of the header of degraded answers
    key: ResultKey
    subject: str | None = None
