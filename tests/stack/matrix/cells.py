"""The cells of the matrix: kind of fault x its length x what the application does x what was promised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import yaml

HERE = Path(__file__).parent
LOAD_PATIENCE = 15.0  # seconds after which a client of the load gives up
PATHS = ("/quick", "/stale", "/patient", "/late", "/hang")
FAULTS: dict[str, dict[str, str]] = {
    "refuse": {"fault": "link.down", "link": "web->store"},
    "hang": {"fault": "link.timeout", "link": "web->store"},
    "slow": {"fault": "link.latency", "link": "web->store", "latency": "2500ms"},
}
LENGTHS = {"short": 9, "long": 24}  # seconds: the application waits at most 1 s, 10 s, or for ever
SLOW_SHORT = 14  # the witness of a slow link is as slow: of 9 s it would leave too little to judge
PAUSE = 12  # seconds between the two, until all have been answered


@dataclass(frozen=True)
class Promise:
    """What is promised of an answer. ``stale``: whether its body must say that it is; None: no matter."""

    name: str
    statuses: tuple[int, ...]
    within: float | None = None
    stale: bool | None = None


PROMISES = (
    Promise("200", (200,)),
    Promise("503", (503,)),
    Promise("200-in-2s", (200,), within=2.0),
    Promise("503-in-2s", (503,), within=2.0),
    Promise("any-in-12s", (200, 503), within=12.0),
    Promise("stale-body", (200,), stale=True),
)
WITH_BODY = ("/stale", "/late", "/hang")  # each needs a probe of its own


@dataclass(frozen=True)
class Cell:
    fault: str
    length: str
    path: str
    promise: Promise

    @property
    def subject(self) -> str:
        """The name of the promise in the verdict."""
        return f"GET {self.path} ({self.promise.name}) while {self.length}"


def cells_of(fault: str) -> Iterator[Cell]:
    for length, path, promise in product(LENGTHS, PATHS, PROMISES):
        if promise.stale is None or path in WITH_BODY:
            yield Cell(fault, length, path, promise)


def lengths_of(fault: str) -> dict[str, int]:
    """Seconds for which the faults of one kind hold."""
    return {**LENGTHS, "short": SLOW_SHORT} if fault == "slow" else LENGTHS


def scenario_of(fault: str) -> str:
    """The scenario file of one kind of fault, first short and then long."""
    lengths = lengths_of(fault)
    at = {"short": 5, "long": 5 + lengths["short"] + PAUSE}
    steps = [
        {"name": name, "at": f"{at[name]}s", **FAULTS[fault], "for": f"{seconds}s"}
        for name, seconds in lengths.items()
    ]
    return yaml.safe_dump(
        {
            "scenario": f"matrix-{fault}",
            "title": f"The store does {fault}, for a short and a long time",
            "stack": str(HERE / "stack" / "stack.yaml"),
            "load": {"profile": "readers", "rate": "15/s", "timeout": f"{LOAD_PATIENCE:g}s"},
            "steady_state": [{"http": {"service": "web", "path": "/quick", "status": 200}}],
            "timeline": steps,
            "expect": {"degradation": [_entry(cell) for cell in cells_of(fault)]},
        },
        sort_keys=False,
    )


def _entry(cell: Cell) -> dict[str, object]:
    promise = cell.promise
    entry: dict[str, object] = {
        "request": f"GET {cell.path}",
        "label": promise.name,
        "while": cell.length,
        "status": list(promise.statuses),
        "begins_within": "1s",
    }
    if promise.within is not None:
        entry["within"] = f"{promise.within:g}s"
    if promise.stale is not None:
        entry["body"] = {"stale": promise.stale}
    return entry
