"""Changes to a recording that leave no trace in its line numbers, counts or seal: only sense can find them.

An ``Edit`` takes a recording to another one. ``verdict`` judges the result as if it had been read from files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from chaos.model.verdict import Verdict
from chaos.timeline.consistency import inconsistencies
from chaos.timeline.events import Event, FaultInjected, FaultReverted, LoadStopped, PhaseBegan
from chaos.timeline.ledger import LedgerOp, StoreRow
from chaos.timeline.omissions import omissions
from chaos.timeline.recording import Recording, Series
from chaos.timeline.requests import Request, Requests
from chaos.verdict import judge

Edit = Callable[[Recording], Recording]
E = TypeVar("E", bound=Event)
Update = Mapping[str, Any]
Samples = tuple[tuple[float, float], ...]


def verdict(recording: Recording) -> Verdict:
    """The verdict of an edited recording, with the problems that its reader would have found."""
    return judge(replace(recording, problems=(*inconsistencies(recording), *omissions(recording))))


def injected(recording: Recording) -> float:
    return next(recording.of(FaultInjected)).at


def undone(recording: Recording) -> float:
    """When the undo began."""
    event = next(recording.of(FaultReverted))
    return event.at - (event.took or 0.0)


def torn_down(recording: Recording) -> float:
    return next(one.at for one in recording.of(PhaseBegan) if one.phase == "teardown")


def events(kind: type[E], update: Callable[[Recording, E], Update | None]) -> Edit:
    """Change the events of a kind: None removes one, an empty update leaves it."""

    def edit(recording: Recording) -> Recording:
        found: list[Event] = []
        for event in recording.events:
            changed: Update | None = update(recording, event) if isinstance(event, kind) else {}
            if changed is not None:
                found.append(event.model_copy(update=dict(changed)) if changed else event)
        return replace(recording, events=tuple(found))

    return edit


def gone(kind: type[E], where: Callable[[Recording, E], bool] = lambda *_: True) -> Edit:
    """Remove the events of a kind."""
    return events(kind, lambda recording, event: None if where(recording, event) else {})


def requests(update: Callable[[Recording, Request], Update | None]) -> Edit:
    """Change requests of the load; None removes one. The count of the load generator follows."""

    def edit(recording: Recording) -> Recording:
        changed = [(one, update(recording, one)) for one in recording.requests]
        kept = Requests.of(one.model_copy(update=dict(new)) for one, new in changed if new is not None)
        number = len(kept) + len(recording.waiting)
        counted = events(LoadStopped, lambda *_: {"sent": number, "recorded": number})
        return counted(replace(recording, requests=kept))

    return edit


def writes(keep: Callable[[Recording, LedgerOp], bool]) -> Edit:
    """Remove whole writes with their rows: those whose first line is not to be kept."""

    def edit(recording: Recording) -> Recording:
        made = (op for op in recording.ledger if op.op == "invoked")
        lost = {op.id for op in made if not keep(recording, op)}
        ledger = tuple(op for op in recording.ledger if op.id not in lost)
        rows = final_rows(lambda _, row: (row,) if row.id not in lost else ())
        return rows(replace(recording, ledger=ledger))

    return edit


def final_rows(change: Callable[[Recording, StoreRow], tuple[StoreRow, ...]]) -> Edit:
    """Change the rows that the final read of each store found."""

    def edit(recording: Recording) -> Recording:
        changed = (
            (read, tuple(new for row in read.rows for new in change(recording, row)))
            for read in recording.reads
        )
        reads = tuple(read.model_copy(update={"rows": rows}) for read, rows in changed)
        return replace(recording, reads=reads)

    return edit


def series(change: Callable[[Recording, Series], Series | None]) -> Edit:
    """Change the series of Prometheus; None removes one."""

    def edit(recording: Recording) -> Recording:
        changed = (change(recording, one) for one in recording.metrics.series)
        kept = tuple(one for one in changed if one is not None)
        return replace(recording, metrics=recording.metrics.model_copy(update={"series": kept}))

    return edit


def samples(change: Callable[[Recording, Series], Samples], metric: str = "", alert: str = "") -> Edit:
    """Change the samples of a metric, of both series about an alert, or of everything."""

    def meant(one: Series) -> bool:
        return one.metric.startswith(metric) and alert in ("", one.labels.get("alertname"))

    def changed(recording: Recording, one: Series) -> Series:
        return one.model_copy(update={"samples": change(recording, one)}) if meant(one) else one

    return series(changed)
