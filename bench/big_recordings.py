"""Recordings of any size, made from one kept run: more requests, more label sets of an alert, more looks at
containers.

They hold what a long run or a large system would record. Their verdicts mean nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from chaos.model.scenario import MOST_A_SECOND
from chaos.timeline.lines import LineCounter

Grow = Callable[[Path, int], None]
SPREAD = 0.000_9  # seconds between the copies of one request


def with_requests(folder: Path, rows: int) -> None:
    """load.jsonl with about ``rows`` lines: each request several times, a little later each time."""
    path = folder / "load.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    requests = [line for line in lines if "served" in line]
    times = max(1, rows // len(requests))

    def copies() -> Iterator[dict[str, Any]]:
        for line in requests:
            for number in range(times):
                moved = {key: line[key] + number * SPREAD / times for key in line if key in _INSTANTS}
                yield line | moved

    _write_lines(path, copies())
    _patch_events(folder, "load_stopped", sent=times * len(requests), recorded=times * len(requests))
    plan = json.loads((folder / "plan.json").read_text())
    rate = plan["scenario"]["load"]["rate"]
    rate["per_second"] = min(MOST_A_SECOND, rate["per_second"] * times)
    (folder / "plan.json").write_text(json.dumps(plan))


def with_label_sets(folder: Path, sets: int) -> None:
    """Every alert fires for ``sets`` instances."""
    path = folder / "metrics.json"
    metrics = json.loads(path.read_text())
    series = []
    for one in metrics["series"]:
        if one["metric"] != "ALERTS":
            series.append(one)
            continue
        series.extend(one | {"labels": one["labels"] | {"shard": f"{number}"}} for number in range(sets))
    path.write_text(json.dumps(metrics | {"series": series}))


def with_container_states(folder: Path, states: int) -> None:
    """A container that changes between running and paused ``states`` times while the run goes on."""
    path = folder / "journal.jsonl"
    events = [json.loads(line) for line in path.read_text().splitlines()]
    events = [event for event in events if "event" in event]
    one = next(event for event in events if event["event"] == "container_state")
    first, last = events[0], events[-1]
    length = (last["mono"] - first["mono"]) / (states + 1)
    more = [
        one
        | {"service": "clinic", "state": ("running", "paused")[number % 2]}
        | {clock: first[clock] + (number + 1) * length for clock in ("at", "mono")}
        for number in range(states)
    ]
    middle = sorted([*events[1:-1], *more], key=lambda event: float(event["mono"]))
    _write_lines(path, iter([first, *middle, last]))


_INSTANTS = ("intended", "sent", "intended_mono", "sent_mono")


def _patch_events(folder: Path, name: str, **values: object) -> None:
    path = folder / "journal.jsonl"
    events = [json.loads(line) for line in path.read_text().splitlines()]
    kept = [event | values if event.get("event") == name else event for event in events if "event" in event]
    _write_lines(path, iter(kept))


def _write_lines(path: Path, lines: Iterator[dict[str, Any]]) -> None:
    counter = LineCounter()
    with path.open("wb") as out:
        for line in lines:
            body = {key: value for key, value in line.items() if key != "seq"}
            out.write(counter.number(json.dumps(body, separators=(",", ":")).encode()))
        out.write(counter.end())
