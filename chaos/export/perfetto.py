"""A trace for ui.perfetto.dev in the Trace Event Format. Times are microseconds since the run began."""

from __future__ import annotations

import json

from chaos.export.spans import spans
from chaos.timeline.recording import Recording

_PROCESS = 1


def as_trace(recording: Recording) -> str:
    """JSON text with one track for phases, one for faults, and one for each kind of request."""
    tracks: dict[str, int] = {}
    events: list[dict[str, object]] = []

    def add(track: str, name: str, start: float, seconds: float, arguments: dict[str, object]) -> None:
        thread = tracks.setdefault(track, len(tracks) + 1)
        events.append(
            {
                "name": name,
                "ph": "X",
                "ts": round((start - recording.began) * 1e6),
                "dur": round(seconds * 1e6),
                "pid": _PROCESS,
                "tid": thread,
                "args": arguments,
            }
        )

    for span in spans(recording):
        add(f"{span.kind}s", span.name, span.start, span.end - span.start, {})
    for request in recording.requests:
        name = str(request.status) if request.status else request.error or "no answer"
        add(request.name, name, request.intended, request.latency, {"served": request.served})
    names: list[dict[str, object]] = [
        {"name": "thread_name", "ph": "M", "pid": _PROCESS, "tid": thread, "args": {"name": track}}
        for track, thread in tracks.items()
    ]
    return json.dumps({"traceEvents": [*names, *events], "displayTimeUnit": "ms"})
