"""Does a window hold enough data? Whatever counts answers, samples or writes calls this first.

It examines each window as a whole and in slices: a hole of some seconds must not hide in the sum of a
long window. Instants are on the run axis, lengths real seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from chaos.checks.kit.words import span
from chaos.model.asked import Doubt
from chaos.timeline.coverage import WindowCoverage, load_coverage, probe_coverage, writer_coverage
from chaos.timeline.recording import LEAST_LOAD, Recording

SLICE = 5.0  # of a window, examined separately
MOST_SLICES = 20_000  # more than a day holds; a damaged instant may be centuries away
FEWEST_IN_SLICE = 20  # least planned number in a slice: with fewer, a single one is too large a share
LONGEST_SILENCE = 3.0  # least silence that is a hole; at low rates some planned intervals
INTERVALS = 5.0  # planned intervals without one that are not yet a hole: a mix has other requests in between
Window = tuple[float, float]


def load_doubt(recording: Recording, windows: Iterable[Window], name: str | None = None) -> Doubt | None:
    """Why the load has too little data in one of the windows; None: it is dense enough in each.

    Requests that this machine could not send count as missing. ``name``: only one kind of request.
    """
    what = "requests of the load" if name is None else f"{name} of the load"
    return _first(recording, windows, what, lambda a, b: load_coverage(recording, a, b, name))


def writers_doubt(recording: Recording, windows: Iterable[Window], ledger: str) -> Doubt | None:
    """Why the writers of a ledger have too little data in one of the windows; None: it is dense enough."""
    what = f"writes to {ledger}"
    return _first(recording, windows, what, lambda a, b: writer_coverage(recording, ledger, a, b))


def silent_writers(recording: Recording, window: Window, ledger: str) -> Doubt | None:
    """How long the writers of a ledger were silent in a window, if too long.

    How many writes they send while a fault holds depends on the system: a writer that waits for an answer
    sends no new write.
    """
    seen = writer_coverage(recording, ledger, *window)
    return _hole(recording, seen, f"writes to {ledger}")


def probe_doubt(recording: Recording, windows: Iterable[Window], probe: str) -> Doubt | None:
    """Why a probe has too little data in one of the windows; None: it was never silent for long.

    A busy machine delays all of its readings, so the longest hole matters more than their number.
    """
    holes = (
        _hole(recording, probe_coverage(recording, probe, a, b), f"samples of {probe}")
        for a, b in windows
        if b > a
    )
    return next((hole for hole in holes if hole), None)


def _first(
    recording: Recording,
    windows: Iterable[Window],
    what: str,
    covered: Callable[[float, float], WindowCoverage],
) -> Doubt | None:
    """The first doubt about any of the windows."""
    return next((doubt for window in windows for doubt in _doubts(recording, window, what, covered)), None)


def _doubts(
    recording: Recording, window: Window, what: str, covered: Callable[[float, float], WindowCoverage]
) -> Iterator[Doubt]:
    start, end = window
    if end <= start:
        return
    whole = covered(start, end)
    if silent := _hole(recording, whole, what):
        yield silent
    interval = _interval(whole)
    for a, b in _slices(start, end, FEWEST_IN_SLICE * interval):
        seen = covered(a, b)
        if seen.expected is None or seen.seen >= LEAST_LOAD * seen.expected - 1:
            continue
        planned = f"{seen.seen} of about {round(seen.expected)} {what} that were planned"
        yield Doubt(f"only {planned} between {since(recording, a)} and {since(recording, b)} into the run")


def _hole(recording: Recording, seen: WindowCoverage, what: str) -> Doubt | None:
    if seen.longest_hole <= max(LONGEST_SILENCE, INTERVALS * _interval(seen)):
        return None
    hole = f"{span(seen.longest_hole)}, from {since(recording, seen.hole[0])} into the run"
    return Doubt(f"no {what} for {hole}")


def _interval(seen: WindowCoverage) -> float:
    """Planned seconds from one to the next; 0 if the recording does not say."""
    return (seen.end - seen.start) / seen.expected if seen.expected else 0.0


def _slices(start: float, end: float, least: float) -> Iterator[Window]:
    """The window in equal parts of about ``SLICE``, none shorter than ``least`` unless the window is."""
    parts = min(MOST_SLICES, max(1, int((end - start) / max(SLICE, least))))
    size = (end - start) / parts
    return ((start + i * size, start + (i + 1) * size) for i in range(parts))


def since(recording: Recording, at: float) -> str:
    """An instant for people: the time since the start of the run."""
    return span(at - recording.began)
