"""The operations of the writers (lines of ledger.jsonl) and the final reads (readback.json)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from pydantic import Field

from chaos.model.base import Frozen, Instant
from chaos.timeline.event_base import Mono

LONGEST_GRACE = 6.0  # real seconds that open calls may still take after the writers were asked to stop


class LedgerOp(Frozen):
    """One line of ledger.jsonl. ``at``: seconds since the epoch (in a ``Recording`` on the run axis).
    ``mono``: the same by the monotonic clock; None before version 3, like ``began_mono``.

    gameday writes ``invoked`` to the disk before the call, and ``acknowledged``, ``refused`` or ``unknown``
    after it. ``observed`` and ``missed`` are reads of an acknowledged id; ``began``: when such a read began.
    """

    ledger: str
    id: str
    op: Literal["invoked", "acknowledged", "refused", "unknown", "observed", "missed"]
    at: Instant
    attempt: int = 1
    began: Instant | None = None
    mono: Mono | None = None
    began_mono: Mono | None = None
    values: Mapping[str, str] = Field(
        default_factory=dict
    )  # of the first invocation: the ledger's fields as written
    detail: str = ""


class StoreRow(Frozen):
    """One row of one store: its id, and field of the ledger -> text."""

    id: str
    values: Mapping[str, str] = Field(default_factory=dict)


class StoreRead(Frozen):
    """The final read of one store. ``complete`` False: the store could not be read, so it proves nothing."""

    ledger: str
    store: str
    began: Instant
    ended: Instant
    began_mono: Mono | None = None  # None before version 3, like ``ended_mono``
    ended_mono: Mono | None = None
    complete: bool
    detail: str = ""
    settled: bool = True  # True: the stores agreed. False: they still differed when their time was over
    rows: tuple[StoreRow, ...] = ()
    row_count: int | None = None  # how many rows were read, to find rows lost or doubled later; None: unknown


class WriteClass(StrEnum):
    """The class of a write, as in Jepsen. If several fit, the first in this order counts."""

    UNEXPECTED = "unexpected"  # present although never invoked, or refused
    DUPLICATED = "duplicated"  # present more than once, or excluded by another write that is present
    LOST = "lost"  # acknowledged, absent from the authority
    MISMATCHED = "mismatched"  # the stores differ, or have other values than were written
    STALE = "stale"  # acknowledged, missed by a later read, present in the end
    RECOVERED = "recovered"  # unknown to the client, present
    NEVER = "never"  # refused or unknown, and absent
    OK = "ok"  # acknowledged, present exactly once everywhere
