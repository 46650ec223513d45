"""Grafana annotations. Each element of the array is the body of one POST to /api/annotations.

https://grafana.com/docs/grafana/latest/developers/http_api/annotations/
"""

from __future__ import annotations

import json

from chaos.export.spans import spans
from chaos.timeline.recording import Recording


def as_annotations(recording: Recording) -> str:
    """A JSON array with one object per phase and fault. Times are milliseconds since the epoch."""
    scenario = recording.plan.scenario.scenario
    found = [
        {
            "time": round(span.start * 1000),
            "timeEnd": round(span.end * 1000),
            "tags": ["gameday", str(span.kind), scenario, recording.run_id],
            "text": f"{scenario}: {span.name}",
        }
        for span in spans(recording)
    ]
    return json.dumps(found, indent=1)
