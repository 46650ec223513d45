"""No clock shows NaN, infinity, or an instant that no calendar has: what holds one cannot be read.

Compared with a limit, NaN is neither below nor above it, so a check would take it for "in time".
"""

from __future__ import annotations

from math import inf, nan

import pytest
from pydantic import ValidationError

from chaos.timeline.events import Measurement
from chaos.timeline.ledger import LedgerOp, StoreRead
from chaos.timeline.observations import RuleGroupState
from chaos.timeline.recording import Metrics, Series, Unanswered
from chaos.timeline.requests import Request

OP = {"ledger": "orders", "id": "o-1", "op": "invoked", "at": 1.0, "mono": 1.0, "began": 1.0}
READ = {"ledger": "orders", "store": "db", "began": 1.0, "ended": 1.0, "ended_mono": 1.0, "complete": True}
REQUEST = {
    "intended": 1.0,
    "sent": 1.0,
    "latency": 1.0,
    "name": "GET /",
    "status": 200,
    "served": True,
    "intended_mono": 1.0,
    "sent_mono": 1.0,
    "patience": 1.0,
}
WAITING = {
    key: REQUEST[key] for key in ("intended", "sent", "name", "intended_mono", "sent_mono", "patience")
}
GROUP = {"group": "f;g", "iterations": 1, "missed": 0, "failures": 0, "last": 1.0, "interval": 1.0}
FIELDS = [
    *((LedgerOp, OP, name) for name in ("at", "mono", "began")),
    *((StoreRead, READ, name) for name in ("began", "ended", "ended_mono")),
    *((Request, REQUEST, name) for name in ("intended", "latency", "intended_mono", "sent_mono", "patience")),
    *(
        (Unanswered, {**WAITING, "waited": 1.0}, name)
        for name in ("intended", "sent_mono", "waited", "patience")
    ),
    *((RuleGroupState, GROUP, name) for name in ("last", "interval")),
    *((Metrics, {"read_from": 1.0, "read_to": 1.0}, name) for name in ("read_from", "read_to")),
]


@pytest.mark.parametrize("value", [nan, inf, -inf])
@pytest.mark.parametrize(
    ("kind", "good", "name"), FIELDS, ids=lambda one: getattr(one, "__name__", str(one))[:9]
)
def test_no_clock_shows_it(kind: type, good: dict[str, object], name: str, value: float) -> None:
    kind.model_validate(good)  # type: ignore[attr-defined]
    with pytest.raises(ValidationError):
        kind.model_validate({**good, name: value})  # type: ignore[attr-defined]


@pytest.mark.parametrize("value", [nan, inf])
def test_no_sample_is_dated_so_and_no_witness_measures_it(value: float) -> None:
    """A sample may have any value: a metric may be NaN."""
    Series.model_validate({"metric": "up", "labels": {}, "samples": [[1.0, value]]})
    with pytest.raises(ValidationError):
        Series.model_validate({"metric": "up", "labels": {}, "samples": [[value, 1.0]]})
    with pytest.raises(ValidationError):
        Measurement.model_validate({"subject": "link", "values": {"round_trip_s": value}})
