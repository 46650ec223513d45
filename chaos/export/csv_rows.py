"""CSV with one row per event, in order of time: ``seconds,utc,kind,name,status,value,detail``.

``seconds``: since the beginning of the run. ``kind``: phase, fault, undone, request or probe. ``status``: the
HTTP status of a request (0: no answer), or 1 if the condition of a probe held, else 0. ``value``: the seconds
that a request took, or the reading of a probe.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from chaos.export.spans import SpanKind, spans
from chaos.timeline.events import Sample
from chaos.timeline.recording import Recording

HEAD = ("seconds", "utc", "kind", "name", "status", "value", "detail")
Row = tuple[float, str, str, object, object, str]


def as_csv(recording: Recording) -> str:
    """The text of the file, with CRLF line ends (RFC 4180)."""
    rows: list[Row] = []
    for span in spans(recording):
        rows.append((span.start, str(span.kind), span.name, "", "", ""))
        if span.kind is SpanKind.FAULT:
            rows.append((span.end, "undone", span.name, "", "", ""))
    for request in recording.requests:
        value = f"{request.latency:.6f}"
        detail = request.error or (request.degraded or "")
        rows.append((request.finished, "request", request.name, request.status, value, detail))
    for sample in recording.of(Sample):
        read = "" if sample.value is None else sample.value
        rows.append((sample.at, "probe", sample.probe, int(sample.ok), read, sample.detail))
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEAD)
    for at, *rest in sorted(rows, key=lambda row: row[0]):
        utc = _utc(at)
        writer.writerow([f"{at - recording.began:.3f}", utc, *rest])
    return out.getvalue()


def _utc(at: float) -> str:
    """ISO 8601 in UTC with milliseconds; empty for an impossible instant in a damaged recording."""
    try:
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    except (OverflowError, ValueError, OSError):
        return ""
